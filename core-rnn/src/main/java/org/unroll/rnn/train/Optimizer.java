// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.nn.Gradient;

/**
 * An update rule with its moments, by PyTorch's formulas. In every formula {@code g} is the
 * gradient after scaling, {@code w} the parameters, {@code t} the number of steps up to and
 * including this one, and the operations are elementwise in float.
 */
public abstract sealed class Optimizer {
  static final String SQUARES = "squares";
  static final String SECOND = "second";

  /** The moments that are averages, or sums, of squares. */
  static final Set<String> OF_SQUARES = Set.of(SQUARES, SECOND);

  private final Map<String, float[]> moments = new LinkedHashMap<>();

  /**
   * What a step takes from a learning rate.
   *
   * @param rate what multiplies the direction of the step
   * @param root what the root of the second moment is divided by
   * @param keep what multiplies the parameters
   */
  public record Rate(float rate, float root, float keep) {}

  private Optimizer() {}

  /** Returns the rule of a specification for {@code size} parameters, with empty moments. */
  public static Optimizer create(OptimizerSpec spec, int size) {
    return switch (spec.kind()) {
      case SGD -> new Sgd();
      case MOMENTUM -> new Momentum(spec, size);
      case RMSPROP -> new Root(spec, (float) spec.alpha(), (float) (1 - spec.alpha()), size);
      case ADAGRAD -> new Root(spec, 1, 1, size);
      case ADAM -> new Adam(spec, 0, size);
      case ADAMW -> new Adam(spec, spec.weightDecay(), size);
    };
  }

  /** Returns an empty moment, which is known by this name from here on. */
  float[] moment(String name, int size) {
    return moments.computeIfAbsent(name, n -> new float[size]);
  }

  /**
   * Begins a step, before any part of it: counts it, and makes zeros of the gradient be there where
   * the rule reads them.
   *
   * @param from the first element that the step changes, a multiple of {@link Gradient#BLOCK}
   */
  public void begin(Gradient gradient, int from) {
    gradient.addTo(from, gradient.size());
  }

  /**
   * Returns what the step that was begun takes from a learning rate.
   *
   * @param since the steps that were made before those parameters learned, which have no part in
   *     their moments
   */
  public Rate rate(double lr, long since) {
    return new Rate((float) lr, 1, 1);
  }

  /**
   * Changes a part of the parameters in place; allocates nothing. Several threads may do different
   * parts of a step.
   *
   * @param params {@code w}
   * @param gradient not changed
   * @param scale multiplies every element of the gradient: the factor of a clipped norm, or 1
   * @param by the rate of this part
   * @param from index of the part's first element
   * @param to the end of the part
   */
  public abstract void step(
      float[] params, Gradient gradient, float scale, Rate by, int from, int to);

  /** Returns the moments by name, each in the layout of the parameters; the arrays themselves. */
  public final Map<String, float[]> moments() {
    return moments;
  }

  /** Goes on as if {@code steps} steps had been made; the moments are restored by themselves. */
  public void resumeAfter(long steps) {}

  /** Gradient descent: {@code w -= lr g}. It touches nothing where the gradient is zero. */
  private static final class Sgd extends Optimizer {
    @Override
    public void begin(Gradient gradient, int from) {}

    @Override
    public void step(float[] params, Gradient gradient, float scale, Rate by, int from, int to) {
      float[] g = gradient.values();
      float rate = by.rate();
      int block = from / Gradient.BLOCK * Gradient.BLOCK;
      for (int start = Math.max(from, gradient.nextWritten(block)); start < to; ) {
        int end = Math.min(to, gradient.endOfWritten(start));
        for (int i = start; i < end; i++) {
          params[i] -= rate * (g[i] * scale);
        }
        start = gradient.nextWritten(end);
      }
    }
  }

  /**
   * Gradient descent with a velocity: {@code v = m v + g; w -= lr v}, and with Nesterov's look
   * ahead {@code w -= lr (g + m v)} (Sutskever et al. 2013, "On the importance of initialization
   * and momentum in deep learning", in PyTorch's form: the rate is not part of v).
   */
  private static final class Momentum extends Optimizer {
    private final float momentum;
    private final boolean nesterov;
    private final float[] velocity;

    Momentum(OptimizerSpec spec, int size) {
      momentum = (float) spec.momentum();
      nesterov = spec.nesterov();
      velocity = moment("velocity", size);
    }

    @Override
    public void step(float[] params, Gradient gradient, float scale, Rate by, int from, int to) {
      float[] values = gradient.values();
      float rate = by.rate();
      for (int i = from; i < to; i++) {
        float g = values[i] * scale;
        float v = momentum * velocity[i] + g;
        velocity[i] = v;
        params[i] -= rate * (nesterov ? g + momentum * v : v);
      }
    }
  }

  /**
   * The rules that divide by the root of squares: RMSprop (Hinton 2012, "Neural Networks for
   * Machine Learning", lecture 6) with {@code s = alpha s + (1 - alpha) g^2}, and Adagrad (Duchi et
   * al. 2011, "Adaptive Subgradient Methods for Online Learning") with {@code s += g^2}; then
   * {@code w -= lr g / (sqrt(s) + epsilon)}.
   */
  private static final class Root extends Optimizer {
    private final float keep;
    private final float gain;
    private final float epsilon;
    private final float[] squares;

    /** Makes the rule {@code s = keep s + gain g^2}. */
    Root(OptimizerSpec spec, float keep, float gain, int size) {
      this.keep = keep;
      this.gain = gain;
      epsilon = (float) spec.epsilon();
      squares = moment(SQUARES, size);
    }

    @Override
    public void step(float[] params, Gradient gradient, float scale, Rate by, int from, int to) {
      float[] values = gradient.values();
      float rate = by.rate();
      for (int i = from; i < to; i++) {
        float g = values[i] * scale;
        float s = keep * squares[i] + gain * g * g;
        squares[i] = s;
        params[i] -= rate * g / ((float) Math.sqrt(s) + epsilon);
      }
    }
  }

  /**
   * Adam (Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"), with decoupled weight
   * decay AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"):
   *
   * <pre>
   * w *= 1 - lr decay
   * m  = m + (1 - beta1) (g - m)
   * v  = beta2 v + (1 - beta2) g^2
   * w -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
   * </pre>
   */
  private static final class Adam extends Optimizer {
    private final double beta1;
    private final double beta2;
    private final float epsilon;
    private final double decay;
    private final float[] first;
    private final float[] second;
    private long steps;

    Adam(OptimizerSpec spec, double decay, int size) {
      this.beta1 = spec.beta1();
      this.beta2 = spec.beta2();
      this.epsilon = (float) spec.epsilon();
      this.decay = decay;
      first = moment("first", size);
      second = moment(SECOND, size);
    }

    @Override
    public void begin(Gradient gradient, int from) {
      super.begin(gradient, from);
      steps++;
    }

    @Override
    public Rate rate(double lr, long since) {
      return new Rate(
          (float) (lr / (1 - StrictMath.pow(beta1, steps - since))),
          (float) Math.sqrt(1 - StrictMath.pow(beta2, steps - since)),
          (float) (1 - lr * decay));
    }

    @Override
    public void step(float[] params, Gradient gradient, float scale, Rate by, int from, int to) {
      float[] values = gradient.values();
      float gain1 = (float) (1 - beta1);
      float keep2 = (float) beta2;
      float gain2 = (float) (1 - beta2);
      float rate = by.rate();
      float root = by.root();
      float keep = by.keep();
      for (int i = from; i < to; i++) {
        float g = values[i] * scale;
        float m = first[i] + gain1 * (g - first[i]);
        float v = keep2 * second[i] + gain2 * g * g;
        first[i] = m;
        second[i] = v;
        params[i] = params[i] * keep - rate * m / ((float) Math.sqrt(v) / root + epsilon);
      }
    }

    @Override
    public void resumeAfter(long steps) {
      this.steps = steps;
    }
  }
}
