// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * Attention pooling is a weighted mean of a sequence's outputs y. The weights a come from additive
 * attention (Bahdanau et al. 2015) with one learned query q, as in Yang et al. 2016:
 *
 * <pre>
 *   u_t = tanh(W y_t + b)     a = softmax over t of (q . u_t)     out = sum over t of a_t y_t
 *
 *   da_t = dout . y_t     ds_t = a_t (da_t - sum over i of a_i da_i)     dq = sum of ds_t u_t
 *   dv_t = ds_t q (1 - u_t^2)     dy_t = a_t dout + W^T dv_t     dW = sum of dv_t y_t^T
 * </pre>
 */
final class AttentionPooling extends Pooling {
  private final Linear linear;
  private final Param query;
  private final int inner;

  // The products W y + b, then their gradients dv [N, A]; and the u.
  private final float[] products;
  private final float[] activations;

  /** The weights a, then the gradients ds of what they are the softmax of {@code [N]}. */
  private final float[] weights;

  private float[] params;
  private float[] y;
  private int yo;

  AttentionPooling(ParamLayout layout, String prefix, int width, int positions, Team team) {
    super(width);
    linear = new Linear(layout, prefix, team);
    query = layout.get(prefix + "query");
    inner = query.size();
    products = new float[Math.multiplyExact(positions, inner)];
    activations = new float[products.length];
    weights = new float[positions];
  }

  /** Appends the parameters, with an inner width A of the outputs' own. */
  static void layOut(String prefix, int width, ParamLayout.Builder builder) {
    Linear.layOut(prefix, width, width, builder);
    builder.add(prefix + "query", Param.Role.OUTPUT_WEIGHT, 1, width);
  }

  @Override
  void load(float[] params) {
    this.params = params;
    linear.load(params);
  }

  @Override
  void forward(float[] y, int yo, Packing packing, float[] out) {
    this.y = y;
    this.yo = yo;
    this.packing = packing;
    int n = packing.positions();
    linear.forward(y, yo, n, products);
    Ops.tanh(products, 0, activations, 0, n * inner);
    for (int p = 0; p < n; p++) {
      weights[p] = (float) dot(params, query.offset(), activations, p * inner, inner);
    }
    Arrays.fill(out, 0, packing.rows() * width, 0f);
    for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
      softmax(row);
      for (int t = 0; t < packing.length(row); t++) {
        int p = packing.at(t) + row;
        for (int j = 0; j < width; j++) {
          out[row * width + j] += weights[p] * y[yo + p * width + j];
        }
      }
    }
  }

  private void softmax(int row) {
    float max = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < packing.length(row); t++) {
      max = Math.max(max, weights[packing.at(t) + row]);
    }
    double sum = 0;
    for (int t = 0; t < packing.length(row); t++) {
      sum += StrictMath.exp(weights[packing.at(t) + row] - max);
    }
    for (int t = 0; t < packing.length(row); t++) {
      int p = packing.at(t) + row;
      weights[p] = (float) (StrictMath.exp(weights[p] - max) / sum);
    }
  }

  @Override
  void backward(float[] dOut, float[] dy, Gradient into) {
    into.addTo(query.offset(), query.end());
    for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
      backwardWeights(dOut, dy, row);
    }
    int n = packing.positions();
    for (int p = 0; p < n; p++) {
      for (int j = 0; j < inner; j++) {
        float u = activations[p * inner + j];
        into.values()[query.offset() + j] += weights[p] * u;
        products[p * inner + j] = weights[p] * params[query.offset() + j] * (1 - u * u);
      }
    }
    linear.backward(products, dy, true, into);
  }

  /** Sets dy to what comes by the sum, and weights to the gradients of the scores. */
  private void backwardWeights(float[] dOut, float[] dy, int row) {
    double mean = 0;
    for (int t = 0; t < packing.length(row); t++) {
      int p = packing.at(t) + row;
      double along = dot(dOut, row * width, y, yo + p * width, width);
      mean += weights[p] * along;
      for (int j = 0; j < width; j++) {
        dy[p * width + j] = weights[p] * dOut[row * width + j];
      }
      // The gradient of the weight waits here, its use in the product is over.
      products[p * inner] = (float) along;
    }
    for (int t = 0; t < packing.length(row); t++) {
      int p = packing.at(t) + row;
      weights[p] = (float) (weights[p] * (products[p * inner] - mean));
    }
  }

  private static double dot(float[] x, int xo, float[] y, int yo, int n) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += (double) x[xo + j] * y[yo + j];
    }
    return sum;
  }
}
