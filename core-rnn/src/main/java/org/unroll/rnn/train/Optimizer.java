// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import org.unroll.rnn.nn.Gradient;

/**
 * An update rule with its moments, by PyTorch's formulas. In every formula {@code g} is the
 * gradient after scaling, {@code w} the parameters, {@code t} the steps up to and including this
 * one, and the operations are elementwise in float.
 */
public sealed interface Optimizer permits Sgd, Momentum, RmsProp, Adagrad, Adam {
  /**
   * Begins a step, before any part of it: counts it, and makes zeros of the gradient be there where
   * the rule reads them.
   *
   * @param from the first element that the step changes, a multiple of {@link Gradient#BLOCK}
   * @param lr the learning rate of this step
   */
  void begin(Gradient gradient, int from, double lr);

  /**
   * Changes a part of the parameters in place; allocates nothing. Several threads may do different
   * parts of a step.
   *
   * @param params {@code w}
   * @param gradient not changed
   * @param scale multiplies every element of the gradient: the factor of a clipped norm, or 1
   * @param from index of the part's first element
   * @param to the end of the part
   */
  void step(float[] params, Gradient gradient, float scale, int from, int to);

  /** A whole step at once. */
  default void step(float[] params, Gradient gradient, float scale, double lr) {
    begin(gradient, 0, lr);
    step(params, gradient, scale, 0, params.length);
  }

  /** The moments by name, each a vector of the parameters' layout; the arrays themselves. */
  Map<String, float[]> moments();

  /** Goes on as if {@code steps} steps had been made; the moments are restored by themselves. */
  default void resumeAfter(long steps) {}

  /** The rule of a specification for {@code size} parameters, with empty moments. */
  static Optimizer create(OptimizerSpec spec, int size) {
    return switch (spec.kind()) {
      case SGD -> new Sgd();
      case MOMENTUM -> new Momentum(spec, size);
      case RMSPROP -> new RmsProp(spec, size);
      case ADAGRAD -> new Adagrad(spec, size);
      case ADAM -> new Adam(spec, 0, size);
      case ADAMW -> new Adam(spec, spec.weightDecay(), size);
    };
  }
}
