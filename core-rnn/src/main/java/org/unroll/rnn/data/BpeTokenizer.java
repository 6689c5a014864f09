// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Byte pairs (Sennrich et al. 2016, on bytes as in Radford et al. 2019): text is cut into words
 * with the blank before them, and in each word the two neighbours whose joint comes first in the
 * vocabulary are joined, over and over. All 256 bytes are in the vocabulary, so every text has
 * tokens, and they join to exactly that text.
 */
public final class BpeTokenizer implements Tokenizer {
  /** What {@link Tokenizer#of(String, Vocabulary)} knows it by. */
  public static final String NAME = "bpe";

  /** Tokens that are a byte. */
  static final int BYTES = 256;

  /** The longest word in bytes, which bounds the work for what has no blanks. */
  static final int LONGEST_WORD = 64;

  private static final long serialVersionUID = 1L;

  /** The tokens' bytes; their numbers are ids. */
  private final SliceTable tokens;

  private BpeTokenizer(SliceTable tokens) {
    this.tokens = tokens;
  }

  /** With tokens in the order in which they are joined; the bytes come first. */
  static BpeTokenizer of(List<byte[]> tokens) {
    SliceTable table = new SliceTable();
    tokens.forEach(token -> table.add(token, 0, token.length));
    return new BpeTokenizer(table);
  }

  /**
   * With the tokens of a vocabulary.
   *
   * @throws IllegalArgumentException if it is not one of byte pairs
   */
  static BpeTokenizer of(Vocabulary vocabulary) {
    List<byte[]> tokens = new ArrayList<>();
    boolean[] bytes = new boolean[BYTES];
    for (Vocabulary.Entry entry : vocabulary.entries()) {
      byte[] token = ByteAlphabet.decodeOrNull(entry.token());
      if (token == null) {
        throw new IllegalArgumentException(
            Vocabulary.describe(entry.token()) + " is not a token of byte pairs");
      }
      if (token.length == 1) {
        bytes[token[0] & 0xff] = true;
      }
      tokens.add(token);
    }
    for (int b = 0; b < BYTES; b++) {
      if (!bytes[b]) {
        throw new IllegalArgumentException(
            "a vocabulary of byte pairs has all 256 bytes, but this one lacks byte " + b);
      }
    }
    return of(tokens);
  }

  /** With the bytes alone. */
  public static BpeTokenizer bytes() {
    List<byte[]> tokens = new ArrayList<>();
    for (int b = 0; b < BYTES; b++) {
      tokens.add(new byte[] {(byte) b});
    }
    return of(tokens);
  }

  /** V, the number of tokens. */
  public int size() {
    return tokens.size();
  }

  /** The vocabulary of these tokens, with occurrences by id. */
  public Vocabulary vocabulary(long[] counts) {
    List<Vocabulary.Entry> entries = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      entries.add(new Vocabulary.Entry(text(id), counts[id]));
    }
    return Vocabulary.of(entries);
  }

  private String text(int id) {
    return ByteAlphabet.encode(tokens.array(), tokens.start(id), tokens.start(id + 1));
  }

  /** Encodes words; one for each thread. */
  public Encoder encoder() {
    return new Encoder();
  }

  /** The workspace for encoding. */
  public final class Encoder {
    /** Where the parts of a word begin; behind the last, where it ends. */
    private final int[] starts = new int[LONGEST_WORD + 1];

    /** The id of each part joined with the next. */
    private final int[] joints = new int[LONGEST_WORD];

    private Encoder() {}

    /**
     * Encodes a word.
     *
     * @param to at most 64 bytes behind {@code from}: see {@link Tokenizer#slicer}
     * @param ids takes the ids; has room for one of each byte
     * @return how many there are
     */
    public int encode(byte[] text, int from, int to, int[] ids) {
      int whole = tokens.find(text, from, to);
      if (whole >= 0) {
        ids[0] = whole;
        return 1;
      }
      int parts = to - from;
      for (int i = 0; i <= parts; i++) {
        starts[i] = from + i;
      }
      for (int i = 0; i + 1 < parts; i++) {
        joints[i] = joint(text, i);
      }
      for (int best = first(parts); best >= 0; best = first(parts)) {
        parts--;
        System.arraycopy(starts, best + 2, starts, best + 1, parts - best);
        System.arraycopy(joints, best + 1, joints, best, Math.max(0, parts - 1 - best));
        if (best + 1 < parts) {
          joints[best] = joint(text, best);
        }
        if (best > 0) {
          joints[best - 1] = joint(text, best - 1);
        }
      }
      for (int i = 0; i < parts; i++) {
        ids[i] = tokens.find(text, starts[i], starts[i + 1]);
      }
      return parts;
    }

    private int joint(byte[] text, int part) {
      int id = tokens.find(text, starts[part], starts[part + 2]);
      return id < 0 ? Integer.MAX_VALUE : id;
    }

    /** The part whose joint comes first in the vocabulary; -1 if none is in it. */
    private int first(int parts) {
      int best = -1;
      int id = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts; i++) {
        if (joints[i] < id) {
          id = joints[i];
          best = i;
        }
      }
      return best;
    }
  }

  @Override
  public void tokenize(CharSequence text, Consumer<String> out) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Encoder encoder = encoder();
    int[] ids = new int[LONGEST_WORD];
    slicer()
        .cut(
            bytes,
            0,
            bytes.length,
            (word, from, to) -> {
              int count = encoder.encode(word, from, to, ids);
              for (int i = 0; i < count; i++) {
                out.accept(text(ids[i]));
              }
            });
  }

  /** The text; bytes that are no UTF-8, as a model may write them, become U+FFFD. */
  @Override
  public String join(List<String> texts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] token = ByteAlphabet.decodeOrNull(text);
      if (token == null) {
        throw new IllegalArgumentException(
            Vocabulary.describe(text) + " is not a token of byte pairs");
      }
      bytes.writeBytes(token);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean endsLines() {
    return false;
  }

  @Override
  public Slicer slicer() {
    return new BpeWords();
  }

  @Override
  public String token(byte[] text, int from, int to) {
    return ByteAlphabet.encode(text, from, to);
  }
}
