// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.unroll.spark.store.HadoopFiles;

/** Reads compressed files as their text; the name's ending tells how they were compressed. */
final class Unpacking {
  /** Hadoop's codec takes a file that is cut off between two blocks for a whole one. */
  private static final String BZIP2 = ".bz2";

  /** Hadoop's codec needs a native library; Spark brings one for its own shuffles. */
  private static final String ZSTD = ".zst";

  /**
   * Several files in one, or compressed in a way that nothing here reads. Hadoop's LZ4 and Snappy
   * are formats of its own, whose codecs take a file that is cut off for a whole one.
   */
  private static final Pattern REFUSED =
      Pattern.compile(".*\\.(zip|7z|rar|tar|t[gbx]z|tbz2|tar\\.[a-z0-9]+|lz4|snappy)");

  /** Files of these names are refused too, unless somebody configured a codec. */
  private static final Pattern WITHOUT_CODEC = Pattern.compile(".*\\.(xz|lzma|lzo|br|z|sz)");

  private final CompressionCodecFactory codecs;

  Unpacking(Configuration conf) {
    this.codecs = new CompressionCodecFactory(conf);
  }

  /** Returns whether a file of this name is compressed. */
  boolean isPacked(Path path) {
    String name = path.getName();
    return name.endsWith(BZIP2) || name.endsWith(ZSTD) || codecs.getCodec(path) != null;
  }

  /** Returns whether the name tells that there is no way to read the text. */
  boolean isRefused(Path path) {
    String name = path.getName().toLowerCase(Locale.ROOT);
    return REFUSED.matcher(name).matches()
        || (WITHOUT_CODEC.matcher(name).matches() && !isPacked(path));
  }

  /** Returns the text of a compressed file, whose bytes are closed with it. */
  InputStream open(InputStream bytes, Path path) throws IOException {
    try {
      return new Unpacked(unpack(bytes, path));
    } catch (RuntimeException | LinkageError e) {
      throw new IOException("there is no library for it here (" + HadoopFiles.reason(e) + ")", e);
    }
  }

  private InputStream unpack(InputStream bytes, Path path) throws IOException {
    if (path.getName().endsWith(BZIP2)) {
      return new BZip2CompressorInputStream(bytes, true);
    }
    if (path.getName().endsWith(ZSTD)) {
      return new ZstdFrames(bytes);
    }
    return codecs.getCodec(path).createInputStream(bytes);
  }

  /**
   * Unpacks files of one Zstandard frame or several. The library's own stream takes a file that is
   * cut off within its second frame for a whole one if both came with one read.
   */
  private static final class ZstdFrames extends InputStream {
    private final InputStream in;
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final byte[] read = new byte[1 << 16];
    private final ByteBuffer packed = ByteBuffer.allocateDirect(read.length).limit(0);
    private final ByteBuffer text = ByteBuffer.allocateDirect(1 << 17).limit(0);
    private boolean frameEnded = true;

    ZstdFrames(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      while (!text.hasRemaining()) {
        boolean more = !frameEnded && text.limit() == text.capacity();
        if (!more && !packed.hasRemaining() && !fill()) {
          if (!frameEnded) {
            throw new EOFException("it ends within a frame");
          }
          return -1;
        }
        text.clear();
        frameEnded = context.decompressDirectByteBufferStream(text, packed);
        text.flip();
      }
      int count = Math.min(length, text.remaining());
      text.get(into, offset, count);
      return count;
    }

    private boolean fill() throws IOException {
      int count = in.read(read, 0, read.length);
      packed.clear().put(read, 0, Math.max(0, count)).flip();
      return count >= 0;
    }

    @Override
    public void close() throws IOException {
      context.close();
      in.close();
    }
  }

  /** Makes one kind of error of what codecs throw at bytes that are not theirs. */
  private static final class Unpacked extends FilterInputStream {
    Unpacked(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return in.read(into, offset, length);
      } catch (RuntimeException | InternalError e) {
        throw new IOException(HadoopFiles.reason(e), e);
      }
    }
  }
}
