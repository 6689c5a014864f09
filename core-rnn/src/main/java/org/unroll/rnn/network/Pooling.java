// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack.Capacity;

/**
 * A pooling makes one vector of a sequence's outputs. A sequence without a step has the vector 0.
 * Not for use by two callers at a time.
 */
public abstract sealed class Pooling
    permits AttentionPooling, Pooling.Last, Pooling.Mean, Pooling.Max {

  /** The ways in which a vector is made of outputs. */
  public enum Type {
    /** The vector is the output when everything was read: {@code h_n} of PyTorch's last layer. */
    LAST,
    /** The vector is the mean of all outputs. */
    MEAN,
    /** The vector is the largest of all outputs, element by element. */
    MAX,
    /** The vector is a weighted mean with learned weights (Bahdanau et al. 2015). */
    ATTENTION
  }

  final int width;

  /** The sequences of the last {@link #forward}. */
  Packing packing;

  Pooling(int width) {
    this.width = width;
  }

  /** Appends the parameters of a way of pooling, if it has any; null for none. */
  static void layOut(Type type, String prefix, int width, ParamLayout.Builder builder) {
    if (type == Type.ATTENTION) {
      AttentionPooling.layOut(prefix, width, builder);
    }
  }

  /** Prepares for the outputs of layers. */
  static Pooling of(
      Type type, RnnSpec layers, ParamLayout layout, String prefix, Capacity most, Team team) {
    int width = layers.outputSize();
    return switch (type) {
      case LAST -> new Last(width, layers.direction());
      case MEAN -> new Mean(width);
      case MAX -> new Max(width, most.rows());
      case ATTENTION -> new AttentionPooling(layout, prefix, width, most.positions(), team);
    };
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  void load(float[] params) {}

  /**
   * Pools the outputs of sequences.
   *
   * @param y outputs {@code [N, W]} at {@code yo}, to be left alone until after {@link #backward}
   * @param out set to the vectors {@code [B, W]}
   */
  abstract void forward(float[] y, int yo, Packing packing, float[] out);

  /**
   * Runs back over the last {@link #forward}.
   *
   * @param dOut gradient of the vectors {@code [B, W]}
   * @param dy set to the gradient of the outputs {@code [N, W]}
   */
  abstract void backward(float[] dOut, float[] dy, Gradient into);

  /**
   * This pooling takes the last output of what was made reading forward, beside the first of what
   * was made reading from the end; backward they get the gradients, all others 0.
   */
  static final class Last extends Pooling {
    /** The columns before this one were made reading forward. */
    private final int forwardWidth;

    private Last(int width, Direction direction) {
      super(width);
      forwardWidth =
          switch (direction) {
            case FORWARD -> width;
            case REVERSE -> 0;
            case BOTH -> width / 2;
          };
    }

    @Override
    void forward(float[] y, int yo, Packing packing, float[] out) {
      this.packing = packing;
      for (int row = 0; row < packing.rows(); row++) {
        int to = row * width;
        if (packing.length(row) == 0) {
          Arrays.fill(out, to, to + width, 0f);
          continue;
        }
        int last = yo + packing.lastOf(row) * width;
        System.arraycopy(y, last, out, to, forwardWidth);
        int first = yo + row * width + forwardWidth;
        System.arraycopy(y, first, out, to + forwardWidth, width - forwardWidth);
      }
    }

    @Override
    void backward(float[] dOut, float[] dy, Gradient into) {
      Arrays.fill(dy, 0, packing.positions() * width, 0f);
      for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
        int from = row * width;
        System.arraycopy(dOut, from, dy, packing.lastOf(row) * width, forwardWidth);
        int first = row * width + forwardWidth;
        System.arraycopy(dOut, from + forwardWidth, dy, first, width - forwardWidth);
      }
    }
  }

  /** This pooling makes {@code out = sum over t of y_t / T}, with {@code dy_t = dOut / T}. */
  static final class Mean extends Pooling {
    private Mean(int width) {
      super(width);
    }

    @Override
    void forward(float[] y, int yo, Packing packing, float[] out) {
      this.packing = packing;
      Arrays.fill(out, 0, packing.rows() * width, 0f);
      for (int t = 0; t < packing.steps(); t++) {
        int from = yo + packing.at(t) * width;
        for (int i = 0; i < packing.rowsAt(t) * width; i++) {
          out[i] += y[from + i];
        }
      }
      for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
        for (int i = row * width; i < (row + 1) * width; i++) {
          out[i] /= packing.length(row);
        }
      }
    }

    @Override
    void backward(float[] dOut, float[] dy, Gradient into) {
      for (int t = 0; t < packing.steps(); t++) {
        for (int row = 0; row < packing.rowsAt(t); row++) {
          int to = (packing.at(t) + row) * width;
          for (int j = 0; j < width; j++) {
            dy[to + j] = dOut[row * width + j] / packing.length(row);
          }
        }
      }
    }
  }

  /**
   * This pooling makes {@code out_j = max over t of y_tj}; backward the step that it came from gets
   * {@code dOut_j}.
   */
  static final class Max extends Pooling {
    /** The position that every element comes from {@code [B, W]}. */
    private final int[] best;

    private Max(int width, int rows) {
      super(width);
      best = new int[Math.multiplyExact(width, rows)];
    }

    @Override
    void forward(float[] y, int yo, Packing packing, float[] out) {
      this.packing = packing;
      for (int row = 0; row < packing.rows(); row++) {
        for (int j = 0; j < width; j++) {
          out[row * width + j] = packing.length(row) == 0 ? 0 : y[yo + row * width + j];
          best[row * width + j] = row;
        }
      }
      for (int t = 1; t < packing.steps(); t++) {
        int first = packing.at(t);
        for (int i = 0; i < packing.rowsAt(t) * width; i++) {
          float value = y[yo + first * width + i];
          if (value > out[i]) {
            out[i] = value;
            best[i] = first + i / width;
          }
        }
      }
    }

    @Override
    void backward(float[] dOut, float[] dy, Gradient into) {
      Arrays.fill(dy, 0, packing.positions() * width, 0f);
      for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
        for (int j = 0; j < width; j++) {
          int i = row * width + j;
          dy[best[i] * width + j] = dOut[i];
        }
      }
    }
  }
}
