// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.InputFile;

/**
 * One number for the content of a corpus: SHA-256 over, for each file in order, its name relative
 * to the input, a zero byte, the length of its text, and the SHA-256 digests of its chunks. It does
 * not depend on where the files are kept, but on the size of the chunks.
 */
public final class SourceHash {
  /** Bytes of a digest. */
  public static final int BYTES = 32;

  private SourceHash() {}

  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The hash in hexadecimal, from text lengths and digests by chunk. */
  public static String of(List<InputFile> files, ChunkTable table, long[] bytes, byte[] digests) {
    MessageDigest all = digest();
    for (int f = 0; f < files.size(); f++) {
      int from = table.firstChunk(f);
      int to = table.firstChunk(f + 1);
      long length = 0;
      for (int c = from; c < to; c++) {
        length += bytes[c];
      }
      all.update(files.get(f).name().getBytes(StandardCharsets.UTF_8));
      all.update((byte) 0);
      all.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
      all.update(digests, from * BYTES, (to - from) * BYTES);
    }
    return HexFormat.of().formatHex(all.digest());
  }
}
