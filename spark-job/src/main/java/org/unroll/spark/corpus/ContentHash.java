// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.RowHash;

/** Tells contents apart by their hashes, none of which depends on where files are kept. */
public final class ContentHash {
  private ContentHash() {}

  /**
   * Returns the hash of a text in hexadecimal: SHA-256 over, for each file in order, its name
   * relative to the input, a zero byte, the length of its text, and the SHA-256 digests of its
   * chunks. It depends on the size of the chunks.
   */
  static String ofText(List<InputFile> files, ChunkTable table, List<ChunkCounts> chunks) {
    MessageDigest all = RowHash.digest();
    for (int f = 0; f < files.size(); f++) {
      List<ChunkCounts> own = chunks.subList(table.firstChunk(f), table.firstChunk(f + 1));
      long length = own.stream().mapToLong(chunk -> chunk.text().bytes()).sum();
      update(all, files.get(f).name());
      all.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
      own.forEach(chunk -> all.update(chunk.digest()));
    }
    return HexFormat.of().formatHex(all.digest());
  }

  /**
   * Returns the hash of a prepared corpus in hexadecimal: SHA-256 over names and hashes of its
   * sources, its vocabularies, its tokenizer and its kind.
   *
   * @param target of what is written alone, or null
   */
  static String ofCorpus(
      List<Source> sources, Vocabulary vocabulary, Vocabulary target, String unit, Kind kind) {
    MessageDigest digest = RowHash.digest();
    for (Source source : sources) {
      update(digest, source.name());
      update(digest, source.hash());
    }
    update(digest, unit);
    update(digest, kind.name());
    update(digest, vocabulary);
    if (target != null) {
      update(digest, target);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  /** Adds a vocabulary, as its file has it, to a hash. */
  static void update(MessageDigest digest, Vocabulary vocabulary) {
    try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      vocabulary.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A hash of 128 bits for the text of a document that comes in pieces; no guard against forgery.
   */
  static final class Document {
    private static final long HIGH_SEED = 0x243F6A8885A308D3L;
    private static final long LOW_SEED = 0x13198A2E03707344L;

    private final byte[] small = new byte[Long.BYTES];
    private long high;
    private long low;
    private long length;

    /** Goes on with a piece; a document has the same pieces wherever it is. */
    void add(byte[] text, int from, int to) {
      byte[] bytes = text;
      int start = from;
      int end = to;
      if (to - from < Long.BYTES) {
        Arrays.fill(small, (byte) 0);
        System.arraycopy(text, from, small, 0, to - from);
        bytes = small;
        start = 0;
        end = Long.BYTES;
      }
      length += to - from;
      high = SliceTable.hash(bytes, start, end, high * 31 + HIGH_SEED + length);
      low = SliceTable.hash(bytes, start, end, low * 37 + LOW_SEED + length);
    }

    /** Hands over both halves of the hash, unless the document is empty, and begins anew. */
    void end(LongStream.Builder out) {
      if (length > 0) {
        out.add(high).add(low);
      }
      high = 0;
      low = 0;
      length = 0;
    }
  }
}
