// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.Team;

/**
 * Layer normalisation (Ba et al. 2016), {@code torch.nn.LayerNorm}, scales every vector x of D
 * numbers on its own. With the weight w and the bias b:
 *
 * <pre>
 *   s = 1 / sqrt(var(x) + 1e-5)     z = s (x - mean(x))     y = w z + b
 *
 *   dw = sum of dy z     db = sum of dy     dz = dy w     dx = s (dz - mean(dz) - z mean(dz z))
 * </pre>
 *
 * <p>It is not for use by two callers at a time.
 */
final class LayerNorm {
  private static final double EPSILON = 1e-5;

  private final Param weight;
  private final Param bias;
  private final int width;

  // The vectors z [n, D], and the factors s.
  private final float[] normal;
  private final float[] inverse;

  private final Team team;
  private final Team.Task forward = this::forward;
  private final Team.Task inputGradient = this::inputGradient;
  private final Team.Task paramGradient = this::paramGradient;

  // The pass at work.
  private float[] params;
  private float[] x;
  private int first;
  private int n;
  private float[] gradient;

  LayerNorm(ParamLayout layout, String prefix, int width, int positions, Team team) {
    weight = layout.get(prefix + "weight");
    bias = layout.get(prefix + "bias");
    this.width = width;
    normal = new float[Math.multiplyExact(positions, width)];
    inverse = new float[positions];
    this.team = team;
  }

  static void layOut(String prefix, int width, ParamLayout.Builder builder) {
    builder.add(prefix + "weight", Param.Role.SCALE, width);
    builder.add(prefix + "bias", Param.Role.SHIFT, width);
  }

  /** Normalises n vectors in place, from number {@code first} on. */
  void forward(float[] params, float[] x, int first, int n) {
    this.params = params;
    this.x = x;
    this.first = first;
    this.n = n;
    team.run(forward);
  }

  private void forward(int part, int parts) {
    int end = first + Team.start(n, part + 1, parts);
    for (int i = first + Team.start(n, part, parts); i < end; i++) {
      int at = i * width;
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum += x[at + j];
      }
      double mean = sum / width;
      double squares = 0;
      for (int j = 0; j < width; j++) {
        squares += (x[at + j] - mean) * (x[at + j] - mean);
      }
      double factor = 1 / Math.sqrt(squares / width + EPSILON);
      inverse[i] = (float) factor;
      for (int j = 0; j < width; j++) {
        float z = (float) ((x[at + j] - mean) * factor);
        normal[at + j] = z;
        x[at + j] = z * params[weight.offset() + j] + params[bias.offset() + j];
      }
    }
  }

  /**
   * Replaces the gradient of n outputs, from number {@code first} on, by that of the inputs of the
   * last forward pass.
   */
  void backward(float[] dy, int first, int n, Gradient into) {
    into.addTo(weight.offset(), weight.end());
    into.addTo(bias.offset(), bias.end());
    this.x = dy;
    this.first = first;
    this.n = n;
    gradient = into.values();
    team.run(paramGradient);
    team.run(inputGradient);
  }

  /** Adds the gradients of weight and bias, each thread for some columns of all vectors. */
  private void paramGradient(int part, int parts) {
    int from = Team.start(width, part, parts);
    int to = Team.start(width, part + 1, parts);
    for (int i = first; i < first + n; i++) {
      for (int j = from; j < to; j++) {
        gradient[weight.offset() + j] += x[i * width + j] * normal[i * width + j];
        gradient[bias.offset() + j] += x[i * width + j];
      }
    }
  }

  private void inputGradient(int part, int parts) {
    int end = first + Team.start(n, part + 1, parts);
    for (int i = first + Team.start(n, part, parts); i < end; i++) {
      int at = i * width;
      double sum = 0;
      double along = 0;
      for (int j = 0; j < width; j++) {
        double d = (double) x[at + j] * params[weight.offset() + j];
        sum += d;
        along += d * normal[at + j];
      }
      double mean = sum / width;
      double slope = along / width;
      for (int j = 0; j < width; j++) {
        double d = (double) x[at + j] * params[weight.offset() + j];
        x[at + j] = (float) (inverse[i] * (d - mean - normal[at + j] * slope));
      }
    }
  }

  long bytes() {
    return 4L * (normal.length + inverse.length);
  }
}
