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
    return CountBlocks.changesSlices(tokenizer) ? new Cached(new Changed()) : new Plain();
  }

  /** Returns an encoder of byte pairs, whose ids are those of their tokenizer. */
  static Encoder encoder(BpeTokenizer bytePairs) {
    return new Cached(new BytePairs(bytePairs));
  }

  private int idOrUnk(byte[] text, int from, int to) {
    int id = tokens.find(text, from, to);
    return id < 0 ? unk : id;
  }

  /** An encoder makes ids of slices of text. */
  abstract static class Encoder {
    /** A slice of byte pairs has 64 bytes at most. */
    private static final int MOST_IDS = 64;

    private final int[] ids = new int[MOST_IDS];

    /**
     * Puts the ids of a slice into {@link #ids}, {@link #NONE} for a token without one.
     *
     * @return how many there are
     */
    abstract int encode(byte[] text, int from, int to);

    final int[] ids() {
      return ids;
    }
  }

  /** Encodes slices that are tokens. */
  private final class Plain extends Encoder {
    @Override
    int encode(byte[] text, int from, int to) {
      ids()[0] = idOrUnk(text, from, to);
      return 1;
    }
  }

  /** Encodes slices that stand for other tokens. */
  private final class Changed extends Encoder {
    @Override
    int encode(byte[] text, int from, int to) {
      byte[] token = tokenizer.token(text, from, to).getBytes(StandardCharsets.UTF_8);
      ids()[0] = idOrUnk(token, 0, token.length);
      return 1;
    }
  }

  /** Encodes slices that are one or several tokens. */
  private static final class BytePairs extends Encoder {
    private final BpeTokenizer.Encoder encoder;

    BytePairs(BpeTokenizer tokenizer) {
      this.encoder = tokenizer.encoder();
    }

    @Override
    int encode(byte[] text, int from, int to) {
      return encoder.encode(text, from, to, ids());
    }
  }

  /** Remembers what slices became: most text is made of a few that return. */
  private static final class Cached extends Encoder {
    private static final int MOST_SLICES = 1 << 17;
    private static final int MOST_SLICE_BYTES = 1 << 22;

    private final Encoder slow;
    private final SliceTable slices = new SliceTable();
    private int[] starts = new int[1 << 9];
    private int[] known = new int[1 << 10];

    Cached(Encoder slow) {
      this.slow = slow;
    }

    @Override
    int encode(byte[] text, int from, int to) {
      int slice = slices.find(text, from, to);
      if (slice < 0) {
        slice = remember(text, from, to);
      }
      int start = starts[slice];
      int count = starts[slice + 1] - start;
      int[] ids = ids();
      for (int i = 0; i < count; i++) {
        ids[i] = known[start + i];
      }
      return count;
    }

    private int remember(byte[] text, int from, int to) {
      if (slices.size() == MOST_SLICES || slices.bytes() > MOST_SLICE_BYTES) {
        slices.clear();
      }
      int count = slow.encode(text, from, to);
      int slice = slices.add(text, from, to);
      int end = starts[slice] + count;
      if (end > known.length) {
        known = Arrays.copyOf(known, Math.max(end, known.length * 2));
      }
      if (slice + 2 > starts.length) {
        starts = Arrays.copyOf(starts, starts.length * 2);
      }
      System.arraycopy(slow.ids(), 0, known, starts[slice], count);
      starts[slice + 1] = end;
      return slice;
    }
  }
}
