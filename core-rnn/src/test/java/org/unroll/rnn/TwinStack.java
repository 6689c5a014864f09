// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import java.util.Arrays;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A stack of recurrent layers once more, in double and as plainly as PyTorch's documentation writes
 * it: one sequence at a time, one step at a time, every product a loop. Only its dropout masks know
 * where the sequence stands in a packed batch.
 */
public final class TwinStack {
  private final RnnSpec spec;
  private final String prefix;
  private final TwinParams params;
  private final boolean training;
  private final long key;

  /**
   * Makes the twin of a stack.
   *
   * @param prefix what the names of its parameters begin with
   * @param training whether dropout applies, whose masks the key decides
   */
  public TwinStack(RnnSpec spec, String prefix, TwinParams params, boolean training, long key) {
    this.spec = spec;
    this.prefix = prefix;
    this.params = params;
    this.training = training;
    this.key = key;
  }

  /** Returns the outputs {@code [T][W]} of a sequence that is read from a state of zeros. */
  public double[][] read(double[][] x) {
    Packing alone = new Packing();
    alone.set(new int[] {x.length}, 1);
    return read(x, alone, 0, new double[spec.stateSize(1)]);
  }

  /**
   * Returns the outputs {@code [T][W]} of the sequence in a row of a batch.
   *
   * @param state {@code [layers, directions, slots, B, H]}, of which the row's part moves on
   */
  public double[][] read(double[][] x, Packing packing, int row, double[] state) {
    double[][] below = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      below[t] = x[t].clone();
      dropInput(below[t], packing, row, t);
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      double[][] y = new double[x.length][spec.direction().count() * spec.hiddenSize(layer)];
      for (int d = 0; d < spec.direction().count(); d++) {
        for (int i = 0; i < x.length; i++) {
          int t = spec.direction() == Direction.REVERSE || d == 1 ? x.length - 1 - i : i;
          cell(layer, d, below[t], y[t], packing.rows(), row, state);
        }
      }
      for (int t = 0; t < x.length; t++) {
        finish(layer, below[t], y[t], packing, row, t);
      }
      below = y;
    }
    return below;
  }

  /** Returns the outputs {@code [W]} of step t, of layers that read forward. */
  public double[] step(double[] x, Packing packing, int row, int t, double[] state) {
    double[] below = x.clone();
    dropInput(below, packing, row, t);
    for (int layer = 0; layer < spec.layers(); layer++) {
      double[] y = new double[spec.hiddenSize(layer)];
      cell(layer, 0, below, y, packing.rows(), row, state);
      finish(layer, below, y, packing, row, t);
      below = y;
    }
    return below;
  }

  private void dropInput(double[] x, Packing packing, int row, int t) {
    drop(x, spec.dropout().input(), RandomBits.key(key, 0), packing, row, t);
  }

  private void drop(double[] x, double p, long maskKey, Packing packing, int row, int t) {
    int vector = spec.dropout().locked() ? row : packing.at(t) + row;
    for (int j = 0; training && p > 0 && j < x.length; j++) {
      boolean dropped = RandomBits.uniform(maskKey, vector * x.length + j) < (float) p;
      x[j] = dropped ? 0 : x[j] / (1 - p);
    }
  }

  private long layerKey(int layer) {
    return RandomBits.key(key, 1, layer);
  }

  /** Runs one step of one direction, which puts its part of the output into y. */
  private void cell(int layer, int d, double[] x, double[] y, int rows, int row, double[] state) {
    int hidden = spec.hiddenSize(layer);
    int slots = spec.cell().stateSlots();
    int vectors = spec.direction().count() * slots;
    int h = (layer * vectors * rows) * spec.hiddenSize() + (d * slots * rows + row) * hidden;
    int c = h + rows * hidden;
    String suffix = "_l" + layer + (d == 1 ? "_reverse" : "");
    double[] before = Arrays.copyOfRange(state, h, h + hidden);
    double[] a = params.product(prefix + "weight_ih" + suffix, x);
    double[] b = recurrentProduct(prefix + "weight_hh" + suffix, layer, d, before);
    if (spec.bias()) {
      params.add(prefix + "bias_ih" + suffix, a);
      params.add(prefix + "bias_hh" + suffix, b);
    }
    double[] cells = slots > 1 ? Arrays.copyOfRange(state, c, c + hidden) : new double[hidden];
    double[] after = TwinCell.step(spec.cell(), a, b, before, cells);
    System.arraycopy(after, 0, state, h, hidden);
    if (slots > 1) {
      System.arraycopy(cells, 0, state, c, hidden);
    }
    System.arraycopy(after, 0, y, d * hidden, hidden);
  }

  /** Adds what comes behind the cells of a layer. */
  private void finish(int layer, double[] x, double[] y, Packing packing, int row, int t) {
    for (int j = 0; spec.residual() && layer > 0 && j < y.length; j++) {
      y[j] += x[j];
    }
    if (spec.layerNorm()) {
      normalise(prefix + "norm_l" + layer, y);
    }
    boolean last = layer == spec.layers() - 1;
    double p = last ? spec.dropout().output() : spec.dropout().between();
    drop(y, p, RandomBits.key(layerKey(layer), 2), packing, row, t);
  }

  private void normalise(String name, double[] x) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    for (int j = 0; j < x.length; j++) {
      double normal = (x[j] - mean) / Math.sqrt(variance + 1e-5);
      x[j] = normal * params.get(name + ".weight", j) + params.get(name + ".bias", j);
    }
  }

  /** Returns the product with a matrix of which elements are dropped. */
  private double[] recurrentProduct(String weight, int layer, int d, double[] h) {
    double p = training ? spec.dropout().weight() : 0;
    if (p == 0) {
      return params.product(weight, h);
    }
    long maskKey = RandomBits.key(layerKey(layer), 1, d);
    double[] y = new double[spec.cell().gates() * h.length];
    for (int i = 0; i < y.length * h.length; i++) {
      boolean dropped = RandomBits.uniform(maskKey, i) < (float) p;
      y[i / h.length] += dropped ? 0 : params.get(weight, i) / (1 - p) * h[i % h.length];
    }
    return y;
  }
}
