// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;

/**
 * A specification is the shape of a stack of recurrent layers, with the names of {@code
 * torch.nn.RNN}.
 *
 * @param cell the cell of every layer
 * @param inputSize D, the width of the input of the first layer
 * @param hiddenSize H, the width of a layer's state in one direction
 * @param layers L, the number of layers
 * @param lastSize the width of the last layer's state in one direction, which may differ from H: of
 *     networks that share the embedding with the output layer it is the embedding's (Merity et al.
 *     2018)
 * @param bias whether the layers have the two bias vectors
 * @param direction which way the layers read
 * @param residual whether every layer but the first adds its input to its output (He et al. 2016;
 *     Wu et al. 2016)
 * @param layerNorm whether every layer's output, after what it adds, is normalised step by step (Ba
 *     et al. 2016)
 * @param dropout in training
 */
public record RnnSpec(
    CellType cell,
    int inputSize,
    int hiddenSize,
    int layers,
    int lastSize,
    boolean bias,
    Direction direction,
    boolean residual,
    boolean layerNorm,
    DropoutSpec dropout)
    implements Serializable {

  public RnnSpec {
    if (cell == null || direction == null || dropout == null) {
      throw new IllegalArgumentException("cell, direction and dropout must be given");
    }
    Checks.positive("input size", inputSize);
    Checks.positive("hidden size", hiddenSize);
    Checks.positive("layers", layers);
    Checks.positive("last size", lastSize);
    if (residual && layers > 1 && lastSize != hiddenSize) {
      throw new IllegalArgumentException(
          ("residual layers must be equally wide, but the last has a width of %s and the"
                  + " others of %s")
              .formatted(lastSize, hiddenSize));
    }
  }

  /** Returns layers of equal width that read forward, without anything else. */
  public static RnnSpec of(CellType cell, int inputSize, int hiddenSize, int layers) {
    return new RnnSpec(
        cell,
        inputSize,
        hiddenSize,
        layers,
        hiddenSize,
        true,
        Direction.FORWARD,
        false,
        false,
        DropoutSpec.NONE);
  }

  /** Returns the same layers over inputs of another width. */
  public RnnSpec withInput(int size) {
    return new RnnSpec(
        cell, size, hiddenSize, layers, lastSize, bias, direction, residual, layerNorm, dropout);
  }

  /** Returns the same layers reading another way. */
  public RnnSpec with(Direction other) {
    return new RnnSpec(
        cell, inputSize, hiddenSize, layers, lastSize, bias, other, residual, layerNorm, dropout);
  }

  /** Returns the same layers with this dropout. */
  public RnnSpec with(DropoutSpec other) {
    return new RnnSpec(
        cell, inputSize, hiddenSize, layers, lastSize, bias, direction, residual, layerNorm, other);
  }

  /** Returns the width of a layer's state in one direction. */
  public int hiddenSize(int layer) {
    return layer == layers - 1 ? lastSize : hiddenSize;
  }

  /** Returns the width of a layer's output: that of its state, or twice that of both directions. */
  int outputSize(int layer) {
    return direction.count() * hiddenSize(layer);
  }

  /** Returns W, the width of the last layer's output. */
  public int outputSize() {
    return outputSize(layers - 1);
  }

  /** Returns the width of the input of a layer. */
  int layerInputSize(int layer) {
    return layer == 0 ? inputSize : outputSize(layer - 1);
  }

  /** Returns G H, the rows of a layer's weight matrices. */
  int gateSize(int layer) {
    return cell.gates() * hiddenSize(layer);
  }

  /**
   * Returns the floats of the state of {@code rows} sequences: {@code [layers, directions, slots,
   * B, H]}, with h before c.
   */
  public int stateSize(int rows) {
    return stateOffset(layers, rows);
  }

  /** Returns where the state of a layer begins in that of all. */
  public int stateOffset(int layer, int rows) {
    int before = Math.min(layer, layers - 1) * hiddenSize + (layer == layers ? lastSize : 0);
    int vectors = direction.count() * cell.stateSlots();
    return Math.multiplyExact(Math.multiplyExact(before, vectors), rows);
  }

  /** Returns how PyTorch's names of a layer's parameters in one direction end. */
  String suffix(int layer, int index) {
    return "_l" + layer + (index == 0 ? "" : "_reverse");
  }
}
