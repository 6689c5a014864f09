// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;

/**
 * Makes one vector of a sequence's outputs. A sequence without a step has the vector 0. Not for use
 * by two callers at a time.
 */
public sealed interface Pooling permits LastPooling, MeanPooling, MaxPooling, AttentionPooling {

  /** Appends the parameters of a way of pooling, if it has any. */
  static void layOut(PoolingType type, String prefix, int width, ParamLayout.Builder builder) {
    if (type == PoolingType.ATTENTION) {
      AttentionPooling.layOut(prefix, width, builder);
    }
  }

  /**
   * Prepares for outputs of {@code width} numbers.
   *
   * @param direction in which they were made
   * @param positions the most steps of all sequences together
   * @param rows the most sequences
   */
  static Pooling of(
      PoolingType type,
      Direction direction,
      ParamLayout layout,
      String prefix,
      int width,
      int positions,
      int rows,
      Team team) {
    return switch (type) {
      case LAST -> new LastPooling(width, direction);
      case MEAN -> new MeanPooling(width);
      case MAX -> new MaxPooling(width, rows);
      case ATTENTION -> new AttentionPooling(layout, prefix, width, positions, team);
    };
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  default void load(float[] params) {}

  /**
   * Pools.
   *
   * @param y outputs {@code [N, W]} at {@code yo}, to be left alone until after {@link #backward}
   * @param out set to the vectors {@code [B, W]}
   */
  void forward(float[] y, int yo, Packing packing, float[] out);

  /**
   * Runs back over the last {@link #forward}.
   *
   * @param dOut gradient of the vectors {@code [B, W]}
   * @param dy set to the gradient of the outputs {@code [N, W]}
   */
  void backward(float[] dOut, float[] dy, Gradient into);
}
