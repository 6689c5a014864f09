// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.io.Serializable;

/**
 * The shape of recurrent layers that read whole sequences.
 *
 * @param cell the cell of every layer
 * @param inputSize D, the width of the input
 * @param hiddenSize H, the width of a layer's state in one direction
 * @param layers L, the number of layers
 * @param bias whether the layers have the two bias vectors
 * @param direction which way the layers read
 * @param residual whether every layer but the first adds its input to its output (He et al. 2016;
 *     Wu et al. 2016)
 * @param layerNorm whether every layer's output, after what it adds, is normalised step by step (Ba
 *     et al. 2016)
 * @param dropout in training
 */
public record EncoderSpec(
    CellType cell,
    int inputSize,
    int hiddenSize,
    int layers,
    boolean bias,
    Direction direction,
    boolean residual,
    boolean layerNorm,
    DropoutSpec dropout)
    implements Serializable {

  public EncoderSpec {
    if (cell == null || direction == null || dropout == null) {
      throw new IllegalArgumentException("cell, direction and dropout must be given");
    }
    new RnnSpec(cell, inputSize, hiddenSize, layers, bias, 0);
  }

  /** One or more layers that read forward, without anything else. */
  public static EncoderSpec of(CellType cell, int inputSize, int hiddenSize, int layers) {
    return new EncoderSpec(
        cell,
        inputSize,
        hiddenSize,
        layers,
        true,
        Direction.FORWARD,
        false,
        false,
        DropoutSpec.NONE);
  }

  /** The same reading another way. */
  public EncoderSpec with(Direction direction) {
    return new EncoderSpec(
        cell, inputSize, hiddenSize, layers, bias, direction, residual, layerNorm, dropout);
  }

  /** The same with dropout. */
  public EncoderSpec with(DropoutSpec dropout) {
    return new EncoderSpec(
        cell, inputSize, hiddenSize, layers, bias, direction, residual, layerNorm, dropout);
  }

  /** The same with or without residual connections and layer normalisation. */
  public EncoderSpec with(boolean residual, boolean layerNorm) {
    return new EncoderSpec(
        cell, inputSize, hiddenSize, layers, bias, direction, residual, layerNorm, dropout);
  }

  /** W, the width of every layer's output: H, or 2 H of both directions. */
  public int outputSize() {
    return direction.count() * hiddenSize;
  }

  /** Width of the input of a layer. */
  int layerInputSize(int layer) {
    return layer == 0 ? inputSize : outputSize();
  }

  LayerSpec layer(int layer) {
    return new LayerSpec(cell, layerInputSize(layer), hiddenSize, bias);
  }

  /** Floats of the state of {@code rows} sequences: {@code [layers, directions, slots, B, H]}. */
  public int stateSize(int rows) {
    return Math.multiplyExact(layers, layerStateSize(rows));
  }

  int layerStateSize(int rows) {
    return Math.multiplyExact(outputSize() * cell.stateSlots(), rows);
  }
}
