// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.Ops;

/**
 * A recurrent matrix {@code [G H, H]} of which elements are dropped for a batch (DropConnect, Wan
 * et al. 2013; on recurrent weights Merity et al. 2018), and the gradient of what is left.
 */
final class WeightDrop {
  private final Dropout dropout;
  final float[] weights;
  final float[] gradient;

  WeightDrop(double p, int size) {
    dropout = new Dropout(p, size);
    weights = new float[size];
    gradient = new float[size];
  }

  /** Takes the matrix at {@code from} with the mask of a key. */
  void draw(float[] params, int from, long key) {
    System.arraycopy(params, from, weights, 0, weights.length);
    dropout.draw(key, weights.length);
    dropout.apply(weights, 0, 0, weights.length);
  }

  /** Adds the gradient of the whole matrix to that at {@code at}. */
  void addTo(Gradient into, int at) {
    dropout.apply(gradient, 0, 0, gradient.length);
    into.addTo(at, at + gradient.length);
    Ops.add(gradient, 0, into.values(), at, gradient.length);
  }

  /** Returns the bytes of the mask, of the weights and of their gradient. */
  long bytes() {
    return dropout.bytes() + 4L * (weights.length + gradient.length);
  }
}
