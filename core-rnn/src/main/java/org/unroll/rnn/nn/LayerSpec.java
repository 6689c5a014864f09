// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * The shape of one layer that reads in one direction.
 *
 * @param inputSize D, the width of its input
 * @param hiddenSize H, the width of its state and output
 * @param bias whether it has the two bias vectors
 */
record LayerSpec(CellType cell, int inputSize, int hiddenSize, boolean bias) {

  /** G * H, the rows of its weight matrices. */
  int gateSize() {
    return cell.gates() * hiddenSize;
  }

  /** Appends its parameters, with PyTorch's names between a prefix and a suffix. */
  void layOut(String prefix, String suffix, ParamLayout.Builder builder) {
    builder.add(prefix + "weight_ih" + suffix, ParamRole.INPUT_WEIGHT, gateSize(), inputSize);
    builder.add(prefix + "weight_hh" + suffix, ParamRole.RECURRENT_WEIGHT, gateSize(), hiddenSize);
    if (bias) {
      builder.add(prefix + "bias_ih" + suffix, ParamRole.INPUT_BIAS, gateSize());
      builder.add(prefix + "bias_hh" + suffix, ParamRole.RECURRENT_BIAS, gateSize());
    }
  }
}
