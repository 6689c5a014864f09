// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;

/**
 * A parameter has its place inside the flat vector.
 *
 * @param name PyTorch's name, such as {@code rnn.weight_ih_l0}
 * @param role what it does
 * @param shape its dimensions, row-major, one or two of them (an initial state has three)
 * @param offset index of its first element in the flat vector
 * @param trainable whether training changes it; one that is frozen gets no gradient
 */
public record Param(String name, Role role, List<Integer> shape, int offset, boolean trainable) {

  /**
   * A role is what a parameter does in the network. It decides how the parameter is initialised and
   * which penalties touch it.
   */
  public enum Role {
    EMBEDDING,
    INPUT_WEIGHT,
    RECURRENT_WEIGHT,
    INPUT_BIAS,
    RECURRENT_BIAS,
    OUTPUT_WEIGHT,
    OUTPUT_BIAS,
    INITIAL_STATE,
    /** The role of factors that start at 1. */
    SCALE,
    /** The role of summands that start at 0: shifts, transition scores. */
    SHIFT;

    /** Returns whether weight penalties apply: biases and states are left alone. */
    public boolean isWeight() {
      return this == EMBEDDING
          || this == INPUT_WEIGHT
          || this == RECURRENT_WEIGHT
          || this == OUTPUT_WEIGHT;
    }
  }

  public Param {
    shape = List.copyOf(shape);
  }

  /** Returns the number of elements. */
  public int size() {
    int size = 1;
    for (int i = 0; i < shape.size(); i++) {
      size = Math.multiplyExact(size, shape.get(i));
    }
    return size;
  }

  /** Returns the index after its last element. */
  public int end() {
    return offset + size();
  }
}
