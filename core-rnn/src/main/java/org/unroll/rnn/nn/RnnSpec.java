// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * The shape of a stack of recurrent layers, with the names of {@code torch.nn.RNN}.
 *
 * @param cell the cell of every layer
 * @param inputSize D, the width of the input of the first layer
 * @param hiddenSize H, the width of every layer's state and output
 * @param layers L, the number of layers
 * @param bias whether the layers have the two bias vectors
 * @param dropout the probability of zeroing an element of the output of each layer but the last, in
 *     training
 */
public record RnnSpec(
    CellType cell, int inputSize, int hiddenSize, int layers, boolean bias, double dropout) {

  public RnnSpec {
    requirePositive("input size", inputSize);
    requirePositive("hidden size", hiddenSize);
    requirePositive("layers", layers);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1) but was " + dropout);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive but was " + value);
    }
  }

  /** The shape of a layer: the first reads D numbers a step, the others H. */
  LayerSpec layer(int layer) {
    return new LayerSpec(cell, layer == 0 ? inputSize : hiddenSize, hiddenSize, bias);
  }

  /**
   * Floats of the state of {@code rows} sequences: {@code [layers, slots, rows, H]}, h before c.
   */
  public int stateSize(int rows) {
    return Math.multiplyExact(layers * cell.stateSlots() * hiddenSize, rows);
  }
}
