// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.unroll.spark.io.HadoopFiles;

/** Reads compressed files as their text; the name's ending tells how they were compressed. */
final class Unpacking {
  /** Hadoop needs its native library for these; Spark brings one that is part of its jars. */
  private static final String ZSTD = ".zst";

  private final CompressionCodecFactory codecs;

  Unpacking(Configuration conf) {
    this.codecs = new CompressionCodecFactory(conf);
  }

  /** Whether a file of this name is compressed. */
  boolean isPacked(Path path) {
    return path.getName().endsWith(ZSTD) || codecs.getCodec(path) != null;
  }

  /** The text of a compressed file, whose bytes are closed with it. */
  InputStream open(InputStream bytes, Path path) throws IOException {
    try {
      return new Unpacked(
          path.getName().endsWith(ZSTD)
              ? new ZstdInputStreamNoFinalizer(bytes)
              : codecs.getCodec(path).createInputStream(bytes));
    } catch (RuntimeException | LinkageError e) {
      bytes.close();
      throw new IOException("there is no library for it here (" + e.getMessage() + ")", e);
    }
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
