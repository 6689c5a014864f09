// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/** Layers of one cell on top of each other. */
public final class RnnStack {
  private RnnStack() {}

  /** Appends the parameters of all layers, with PyTorch's names behind a prefix such as {@code rnn.}. */
  public static void layOut(RnnSpec spec, String prefix, ParamLayout.Builder builder) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      String suffix = "_l" + layer;
      int gates = spec.gateSize();
      builder.add(
          prefix + "weight_ih" + suffix, ParamRole.INPUT_WEIGHT, gates, spec.layerInputSize(layer));
      builder.add(
          prefix + "weight_hh" + suffix, ParamRole.RECURRENT_WEIGHT, gates, spec.hiddenSize());
      if (spec.bias()) {
        builder.add(prefix + "bias_ih" + suffix, ParamRole.INPUT_BIAS, gates);
        builder.add(prefix + "bias_hh" + suffix, ParamRole.RECURRENT_BIAS, gates);
      }
    }
  }
}
