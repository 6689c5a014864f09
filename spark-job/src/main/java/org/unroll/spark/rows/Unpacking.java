// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
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

  /** Hadoop's codec needs a native library; Spark brings its own. */
  private static final String ZSTD = ".zst";

  /**
   * Several files in one, or compressed in a way that nothing here reads. Hadoop's LZ4 and Snappy
   * are formats of its own, whose codecs take a file that is cut off for a whole one.
   */
  private static final Pattern REFUSED =
      Pattern.compile(".*\\.(zip|7z|rar|tar|t[gbx]z|tbz2|tar\\.[a-z0-9]+|lz4|snappy)");

  /** Likewise, unless somebody configured a codec. */
  private static final Pattern WITHOUT_CODEC = Pattern.compile(".*\\.(xz|lzma|lzo|br|z|sz)");

  private final CompressionCodecFactory codecs;

  Unpacking(Configuration conf) {
    this.codecs = new CompressionCodecFactory(conf);
  }

  /** Whether a file of this name is compressed. */
  boolean isPacked(Path path) {
    String name = path.getName();
    return name.endsWith(BZIP2) || name.endsWith(ZSTD) || codecs.getCodec(path) != null;
  }

  /** Whether the name tells that there is no way to read the text. */
  boolean isRefused(Path path) {
    String name = path.getName().toLowerCase(Locale.ROOT);
    return REFUSED.matcher(name).matches()
        || (WITHOUT_CODEC.matcher(name).matches() && !isPacked(path));
  }

  /** The text of a compressed file, whose bytes are closed with it. */
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
      return new ZstdInputStreamNoFinalizer(bytes);
    }
    return codecs.getCodec(path).createInputStream(bytes);
  }

  /** Codecs throw what they like at bytes that are not theirs; for the reader it is all damage. */
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
