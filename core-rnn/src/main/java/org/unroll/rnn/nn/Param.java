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
public record Param(
    String name, ParamRole role, List<Integer> shape, int offset, boolean trainable) {

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
