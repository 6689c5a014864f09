// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;
import org.unroll.rnn.nn.Encoder;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.ParamRole;

/** A specification with the layout of its parameters; immutable and shared by all threads. */
public final class ReaderModel {
  /** What the names of the encoder's parameters begin with. */
  static final String RNN = "rnn.";

  /** And those of the linear layer, */
  static final String DECODER = "decoder.";

  /** of attention, */
  static final String ATTENTION = "attention.";

  /** and of the reading of words: the matrix, */
  static final String WORD_EMBEDDING = "words.embedding.weight";

  /** the layer, */
  static final String WORD_RNN = "words.rnn.";

  /** and its attention. */
  static final String WORD_ATTENTION = "words.attention.";

  private final ReaderSpec spec;
  private final ParamLayout layout;

  public ReaderModel(ReaderSpec spec) {
    this.spec = spec;
    ParamLayout.Builder builder = new ParamLayout.Builder();
    List<TokenColumn> columns = spec.inputs().columns();
    for (int c = 0; c < columns.size(); c++) {
      TokenColumn column = columns.get(c);
      if (column.trainable()) {
        builder.add(embedding(c), ParamRole.EMBEDDING, column.vocabulary(), column.embedding());
      } else {
        builder.addFrozen(
            embedding(c), ParamRole.EMBEDDING, column.vocabulary(), column.embedding());
      }
    }
    WordSpec words = spec.inputs().words();
    if (words != null) {
      builder.add(WORD_EMBEDDING, ParamRole.EMBEDDING, words.vocabulary(), words.embedding());
      Encoder.layOut(words.encoder(), WORD_RNN, builder);
      Pooling.layOut(words.pooling(), WORD_ATTENTION, words.width(), builder);
    }
    int width = spec.encoder().outputSize();
    Encoder.layOut(spec.encoder(), RNN, builder);
    Pooling.layOut(spec.pooling(), ATTENTION, width, builder);
    Linear.layOut(DECODER, spec.head().scores(), width, builder);
    spec.head().layOut(builder);
    layout = builder.build();
  }

  /** Name of the embedding matrix {@code [V, E]} of a column: that of the first has no number. */
  public static String embedding(int column) {
    return column == 0 ? "embedding.weight" : "embedding_" + column + ".weight";
  }

  public ReaderSpec spec() {
    return spec;
  }

  public ParamLayout layout() {
    return layout;
  }
}
