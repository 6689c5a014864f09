// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.ParamRole;
import org.unroll.rnn.nn.RnnStack;

/** A specification with the layout of its parameters; immutable and shared by all threads. */
public final class SequenceModel {
  /** Name of the embedding matrix {@code [V, E]}. */
  public static final String EMBEDDING = "embedding.weight";

  /** Name of the output matrix {@code [V, H]}; absent when tied. */
  public static final String DECODER = "decoder.weight";

  /** Name of the output bias {@code [V]}. */
  public static final String DECODER_BIAS = "decoder.bias";

  /** What the names of the recurrent stack's parameters begin with. */
  public static final String RNN = "rnn.";

  /** Name of the learned initial state {@code [layers, slots, H]}. */
  public static final String INITIAL_STATE = "rnn.initial_state";

  private final ModelSpec spec;
  private final ParamLayout layout;

  public SequenceModel(ModelSpec spec) {
    this.spec = spec;
    ParamLayout.Builder builder = new ParamLayout.Builder();
    builder.add(EMBEDDING, ParamRole.EMBEDDING, spec.vocabulary(), spec.embedding());
    RnnStack.layOut(spec.rnn(), RNN, builder);
    if (!spec.tied()) {
      builder.add(DECODER, ParamRole.OUTPUT_WEIGHT, spec.vocabulary(), spec.hidden());
    }
    if (spec.bias()) {
      builder.add(DECODER_BIAS, ParamRole.OUTPUT_BIAS, spec.vocabulary());
    }
    if (spec.learnedState()) {
      builder.add(
          INITIAL_STATE,
          ParamRole.INITIAL_STATE,
          spec.layers(),
          spec.cell().stateSlots(),
          spec.hidden());
    }
    this.layout = builder.build();
  }

  public ModelSpec spec() {
    return spec;
  }

  public ParamLayout layout() {
    return layout;
  }

  /** Floats of the state of {@code rows} sequences, {@code [layers, slots, rows, H]}. */
  public int stateSize(int rows) {
    return spec.rnn().stateSize(rows);
  }
}
