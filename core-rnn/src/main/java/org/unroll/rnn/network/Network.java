// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack;

/**
 * A network is a specification with the layout of its parameters: names, shapes and roles inside
 * one {@code float[]}. Immutable and shared by all threads; the numbers and the buffers are a
 * {@link Pass}'s.
 *
 * @param spec what this is the network of
 * @param layout where every parameter is
 */
public record Network(NetworkSpec spec, ParamLayout layout) {
  /** The name of the embedding matrix {@code [V, E]} of the first column of tokens. */
  public static final String EMBEDDING = "embedding.weight";

  /** The name of the output matrix {@code [C, W]}; absent where it is the embedding's. */
  public static final String DECODER = "decoder.weight";

  /** The name of the output bias {@code [C]}. */
  public static final String DECODER_BIAS = "decoder.bias";

  /**
   * The name of the learned state before the first step: {@code [layers, slots, H]}, or {@code [N]}
   * where layers differ in width.
   */
  public static final String INITIAL_STATE = "rnn.initial_state";

  /** The names of the encoder's parameters begin with this. */
  public static final String RNN = "rnn.";

  /**
   * The names of the parameters of attention begin with this, be it for pooling or of a decoder.
   */
  public static final String ATTENTION = "attention.";

  /** The names of the parameters of the layer that reads characters begin with this. */
  public static final String WORD_RNN = "words.rnn.";

  /** The names of the parameters of attention over the characters of a word begin with this. */
  public static final String WORD_ATTENTION = "words.attention.";

  // The names of parameters begin with these: of the output layer; of a decoder's layers, what
  // starts them and what attention ends with.
  static final String OUTPUT = "decoder.";
  static final String TARGET_RNN = "target_rnn.";
  static final String BRIDGE = "bridge.";
  static final String COMBINE = "attention.combine.";

  /** The name of the embedding matrix {@code [V, E]} of the tokens that a decoder writes. */
  public static final String TARGET_EMBEDDING = "target_embedding.weight";

  /** The name of the embedding matrix {@code [V, E]} of the characters of words. */
  public static final String WORD_EMBEDDING = "words.embedding.weight";

  /** Lays out the parameters of a specification. */
  public Network(NetworkSpec spec) {
    this(spec, layout(spec));
  }

  private static ParamLayout layout(NetworkSpec spec) {
    ParamLayout.Builder builder = new ParamLayout.Builder();
    List<InputSpec.TokenColumn> columns = spec.inputs().columns();
    for (int c = 0; c < columns.size(); c++) {
      InputSpec.TokenColumn column = columns.get(c);
      Param.Role role = Param.Role.EMBEDDING;
      int width = column.embedding();
      builder.add(embedding(c), role, column.trainable(), column.vocabulary(), width);
    }
    InputSpec.WordSpec words = spec.inputs().words();
    if (words != null) {
      builder.add(WORD_EMBEDDING, Param.Role.EMBEDDING, words.vocabulary(), words.embedding());
      RnnStack.layOut(words.encoder(), WORD_RNN, builder);
      Pooling.layOut(words.pooling(), WORD_ATTENTION, words.width(), builder);
    }
    int outputs = spec.readSize();
    if (spec.encoder() != null) {
      RnnStack.layOut(spec.encoder(), RNN, builder);
    }
    Pooling.layOut(spec.pooling(), ATTENTION, outputs, builder);
    if (spec.decoder() != null) {
      layOut(spec.decoder(), outputs, builder);
    }
    spec.head().layOut(spec.headInput(), builder);
    if (spec.learnedState()) {
      builder.add(INITIAL_STATE, Param.Role.INITIAL_STATE, stateShape(spec.encoder()));
    }
    return builder.build();
  }

  private static void layOut(DecoderSpec spec, int read, ParamLayout.Builder builder) {
    if (!spec.sharedEmbedding()) {
      Param.Role role = Param.Role.EMBEDDING;
      builder.add(TARGET_EMBEDDING, role, spec.vocabulary(), spec.embedding());
    }
    Bridge.layOut(spec, read, builder);
    RnnStack.layOut(spec.layers(), TARGET_RNN, builder);
    if (spec.attention() != null) {
      int width = spec.outputSize();

      Attention.layOut(spec.attention(), ATTENTION, width, read, builder);
      Linear.layOutWeight(COMBINE, width, width + read, builder);
    }
  }

  private static Integer[] stateShape(RnnSpec rnn) {
    int vectors = rnn.direction().count() * rnn.cell().stateSlots();
    return rnn.lastSize() == rnn.hiddenSize()
        ? new Integer[] {rnn.layers(), vectors, rnn.hiddenSize()}
        : new Integer[] {rnn.stateSize(1)};
  }

  /** Returns the name of the embedding matrix {@code [V, E]} of a column of tokens. */
  public static String embedding(int column) {
    return column == 0 ? EMBEDDING : "embedding_" + column + ".weight";
  }

  /** Returns the name of the embedding matrix of the tokens that a decoder writes. */
  String targetEmbedding() {
    return layout.contains(TARGET_EMBEDDING) ? TARGET_EMBEDDING : EMBEDDING;
  }

  /**
   * Returns the matrix {@code [V, W]} that a head over a vocabulary makes its logits with: its own,
   * or the embedding of these tokens.
   */
  public Param vocabularyMatrix() {
    return layout.get(layout.contains(DECODER) ? DECODER : targetEmbedding());
  }

  /**
   * Returns the floats of the state of {@code rows} sequences, {@code [layers, directions, slots,
   * rows, H]}.
   */
  public int stateSize(int rows) {
    return spec.encoder() == null ? 0 : spec.encoder().stateSize(rows);
  }
}
