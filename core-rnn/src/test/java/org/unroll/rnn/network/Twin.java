// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.TwinCell;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;

/**
 * The language model once more, in double precision and as plainly as PyTorch's documentation
 * writes it: one sequence at a time, one step at a time, every product a loop. A row simply stops
 * at its length, so there are no masks to get wrong.
 */
final class Twin {
  private final SequenceModel model;
  private final ModelSpec spec;
  private final double[] params;
  private final long dropoutKey;
  private final double dropout;

  /** A pass without dropout. */
  static Twin evaluating(SequenceModel model, double[] params) {
    return new Twin(model, params, 0, 0);
  }

  /** A pass with the dropout masks of a key. */
  static Twin training(SequenceModel model, double[] params, long dropoutKey) {
    return new Twin(model, params, model.spec().dropout(), dropoutKey);
  }

  private Twin(SequenceModel model, double[] params, double dropout, long dropoutKey) {
    this.model = model;
    this.spec = model.spec();
    this.params = params;
    this.dropout = dropout;
    this.dropoutKey = dropoutKey;
  }

  /** The state before the first step that the parameters hold, {@code [L, slots, B, H]}. */
  double[] learnedState(int rows) {
    double[] state = new double[model.stateSize(rows)];
    int hidden = spec.hidden();
    for (int i = 0; i < state.length; i++) {
      int slot = i / (rows * hidden);
      state[i] = params[at(SequenceModel.INITIAL_STATE) + slot * hidden + i % hidden];
    }
    return state;
  }

  /** The summed loss of a window; the state becomes the one after it. */
  double loss(Batch batch, double[] state) {
    double loss = 0;
    for (int row = 0; row < batch.rows(); row++) {
      for (int t = 0; t < batch.lengths()[row]; t++) {
        int position = t * batch.rows() + row;
        double[] logits = logits(batch.inputs()[position], position, row, batch.rows(), state);
        int target = batch.targets()[position];
        if (target != Batch.MASKED) {
          loss += logSumExp(logits) - logits[target];
        }
      }
    }
    return loss;
  }

  /** One token of one row: its state moves on. */
  double[] logits(int token, int position, int row, int rows, double[] state) {
    double[] x = new double[spec.embedding()];
    for (int j = 0; j < x.length; j++) {
      x[j] = params[at(SequenceModel.EMBEDDING) + token * x.length + j];
    }
    drop(x, position, RandomBits.key(dropoutKey, 1));
    for (int layer = 0; layer < spec.layers(); layer++) {
      x = step(layer, x, row, rows, state);
      if (layer < spec.layers() - 1) {
        drop(x, position, RandomBits.key(RandomBits.key(dropoutKey, 2), layer));
      }
    }
    drop(x, position, RandomBits.key(dropoutKey, 3));
    int weight = at(spec.tied() ? SequenceModel.EMBEDDING : SequenceModel.DECODER);
    double[] logits = product(weight, spec.vocabulary(), x);
    for (int j = 0; spec.bias() && j < logits.length; j++) {
      logits[j] += params[at(SequenceModel.DECODER_BIAS) + j];
    }
    return logits;
  }

  private void drop(double[] x, int position, long key) {
    for (int j = 0; dropout > 0 && j < x.length; j++) {
      boolean dropped = RandomBits.uniform(key, position * x.length + j) < (float) dropout;
      x[j] = dropped ? 0 : x[j] / (1 - dropout);
    }
  }

  private double[] step(int layer, double[] x, int row, int rows, double[] state) {
    int hidden = spec.hidden();
    int slots = spec.cell().stateSlots();
    int size = spec.cell().gates() * hidden;
    int h = (layer * slots * rows + row) * hidden;
    int c = h + rows * hidden;
    double[] before = Arrays.copyOfRange(state, h, h + hidden);
    String suffix = "_l" + layer;
    double[] a = product(at("rnn.weight_ih" + suffix), size, x);
    double[] b = product(at("rnn.weight_hh" + suffix), size, before);
    for (int i = 0; spec.bias() && i < size; i++) {
      a[i] += params[at("rnn.bias_ih" + suffix) + i];
      b[i] += params[at("rnn.bias_hh" + suffix) + i];
    }
    double[] cells = slots > 1 ? Arrays.copyOfRange(state, c, c + hidden) : new double[hidden];
    double[] after = TwinCell.step(spec.cell(), a, b, before, cells);
    System.arraycopy(after, 0, state, h, hidden);
    if (slots > 1) {
      System.arraycopy(cells, 0, state, c, hidden);
    }
    return after;
  }

  /** A matrix {@code [rows, x.length]} inside the parameters times x. */
  private double[] product(int weight, int rows, double[] x) {
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += params[weight + i * x.length + j] * x[j];
      }
    }
    return y;
  }

  private int at(String name) {
    return model.layout().get(name).offset();
  }

  private static double logSumExp(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += Math.exp(value);
    }
    return Math.log(sum);
  }
}
