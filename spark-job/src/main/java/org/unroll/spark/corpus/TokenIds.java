// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;

/** Token ids are a vocabulary in the form that many tasks share: bytes to numbers. */
@DefaultSerializer(JavaSerializer.class)
final class TokenIds implements Serializable {
  /** Stands for a token that has no id. */
  static final int NONE = -1;

  private static final long serialVersionUID = 1L;

  private final Tokenizer tokenizer;
  private final SliceTable tokens = new SliceTable();
  private int unk = NONE;

  TokenIds(Tokenizer tokenizer, Vocabulary vocabulary) {
    this.tokenizer = tokenizer;
    for (Vocabulary.Entry entry : vocabulary.entries()) {
      byte[] token = entry.token().getBytes(StandardCharsets.UTF_8);
      int id = tokens.add(token, 0, token.length);
      unk = entry.token().equals(Vocabulary.UNK) ? id : unk;
    }
  }

  /** Returns V, the number of ids. */
  int size() {
    return tokens.size();
  }

  /** Returns the id of unknown tokens, or {@link #NONE}. */
  int unk() {
    return unk;
  }

  /** Returns whether the token that a slice stands for has an id of its own. */
  boolean has(byte[] text, int from, int to) {
    if (!CountBlocks.changesSlices(tokenizer)) {
      return tokens.find(text, from, to) >= 0;
    }
    byte[] token = tokenizer.token(text, from, to).getBytes(StandardCharsets.UTF_8);
    return tokens.find(token, 0, token.length) >= 0;
  }

  /** Returns an encoder of slices; there is to be one for each thread. */
  Encoder encoder() {
    if (tokenizer instanceof BpeTokenizer bytePairs) {
      return encoder(bytePairs);
    }
    if (!CountBlocks.changesSlices(tokenizer)) {
      return this::putId;
    }
    return new Cached(
        (text, from, to, ids) -> {
          byte[] token = tokenizer.token(text, from, to).getBytes(StandardCharsets.UTF_8);
          return putId(token, 0, token.length, ids);
        });
  }

  /** Returns an encoder of byte pairs, whose ids are those of their tokenizer. */
  static Encoder encoder(BpeTokenizer bytePairs) {
    return new Cached(bytePairs.encoder()::encode);
  }

  private int putId(byte[] token, int from, int to, int[] ids) {
    int id = tokens.find(token, from, to);
    ids[0] = id < 0 ? unk : id;
    return 1;
  }

  /** An encoder makes ids of slices of text. */
  interface Encoder {
    /** The most ids of a slice: one of byte pairs has 64 bytes at most. */
    int MOST_IDS = 64;

    /**
     * Encodes a slice.
     *
     * @param ids takes the ids, {@link #NONE} for a token without one
     * @return how many there are
     */
    int encode(byte[] text, int from, int to, int[] ids);
  }

  /** Remembers what slices became: most text is made of a few that return. */
  private static final class Cached implements Encoder {
    private static final int MOST_SLICES = 1 << 17;
    private static final int MOST_SLICE_BYTES = 1 << 22;

    private final Encoder slow;
    private final int[] made = new int[MOST_IDS];
    private final SliceTable slices = new SliceTable();
    private int[] starts = new int[1 << 9];
    private int[] known = new int[1 << 10];

    Cached(Encoder slow) {
      this.slow = slow;
    }

    @Override
    public int encode(byte[] text, int from, int to, int[] ids) {
      int slice = slices.find(text, from, to);
      if (slice < 0) {
        slice = remember(text, from, to);
      }
      int start = starts[slice];
      int count = starts[slice + 1] - start;
      for (int i = 0; i < count; i++) {
        ids[i] = known[start + i];
      }
      return count;
    }

    private int remember(byte[] text, int from, int to) {
      if (slices.size() == MOST_SLICES || slices.bytes() > MOST_SLICE_BYTES) {
        slices.clear();
      }
      int count = slow.encode(text, from, to, made);
      int slice = slices.add(text, from, to);
      int end = starts[slice] + count;
      if (end > known.length) {
        known = Arrays.copyOf(known, Math.max(end, known.length * 2));
      }
      if (slice + 2 > starts.length) {
        starts = Arrays.copyOf(starts, starts.length * 2);
      }
      System.arraycopy(made, 0, known, starts[slice], count);
      starts[slice + 1] = end;
      return slice;
    }
  }
}
