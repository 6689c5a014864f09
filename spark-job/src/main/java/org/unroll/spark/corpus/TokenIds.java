// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;

/** The ids of a vocabulary, for many tasks. */
@DefaultSerializer(JavaSerializer.class)
final class TokenIds implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int NONE = -1;

  private final Tokenizer tokenizer;
  private final SliceTable tokens = new SliceTable();
  private int unk = NONE;
  private int eos = NONE;

  TokenIds(Tokenizer tokenizer, Vocabulary vocabulary) {
    this.tokenizer = tokenizer;
    for (Vocabulary.Entry entry : vocabulary.entries()) {
      byte[] token = entry.token().getBytes(StandardCharsets.UTF_8);
      int id = tokens.add(token, 0, token.length);
      unk = entry.token().equals(Vocabulary.UNK) ? id : unk;
      eos = entry.token().equals(Vocabulary.EOS) ? id : eos;
    }
  }

  /** V, the number of ids. */
  int size() {
    return tokens.size();
  }

  /** The id of unknown tokens; -1 for none. */
  int unk() {
    return unk;
  }

  /** The id of the end of a line; that of an unknown token if it has none. */
  int eos() {
    return eos == NONE ? unk : eos;
  }

  /** Encodes slices; one for each thread. */
  SliceEncoder encoder() {
    if (tokenizer instanceof BpeTokenizer bytePairs) {
      return new CachedEncoder(new BytePairs(bytePairs));
    }
    return CountBlocks.changesSlices(tokenizer) ? new CachedEncoder(new Changed()) : new Plain();
  }

  private int idOrUnk(byte[] text, int from, int to) {
    int id = tokens.find(text, from, to);
    return id < 0 ? unk : id;
  }

  /** A slice is a token. */
  private final class Plain extends SliceEncoder {
    @Override
    int encode(byte[] text, int from, int to) {
      ids()[0] = idOrUnk(text, from, to);
      return 1;
    }
  }

  /** A slice stands for another token. */
  private final class Changed extends SliceEncoder {
    @Override
    int encode(byte[] text, int from, int to) {
      byte[] token = tokenizer.token(text, from, to).getBytes(StandardCharsets.UTF_8);
      ids()[0] = idOrUnk(token, 0, token.length);
      return 1;
    }
  }

  /** A slice is one or several tokens. */
  private static final class BytePairs extends SliceEncoder {
    private final BpeTokenizer.Encoder encoder;

    BytePairs(BpeTokenizer tokenizer) {
      this.encoder = tokenizer.encoder();
    }

    @Override
    int encode(byte[] text, int from, int to) {
      return encoder.encode(text, from, to, ids());
    }
  }
}
