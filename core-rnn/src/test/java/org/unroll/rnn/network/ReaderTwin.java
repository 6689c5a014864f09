// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.unroll.rnn.TwinCell;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.EncoderSpec;

/**
 * A reader once more, in double precision, as plainly as can be: one sequence at a time, one step
 * at a time, nothing packed. Losses are made by {@link TwinHead}, by looking at all that could be.
 */
final class ReaderTwin {
  private final ReaderModel model;
  private final ReaderSpec spec;
  private final double[] params;
  private final boolean training;
  private final long dropoutKey;

  ReaderTwin(ReaderModel model, double[] params, boolean training, long dropoutKey) {
    this.model = model;
    this.spec = model.spec();
    this.params = params;
    this.training = training;
    this.dropoutKey = dropoutKey;
  }

  /** The summed loss of a batch. */
  double loss(SequenceBatch batch) {
    double loss = 0;
    for (int row = 0; row < batch.rows(); row++) {
      loss += TwinHead.loss(spec.head(), scores(batch, row), batch.example(row), this::param);
    }
    return loss;
  }

  /** The scores of a sequence {@code [1][C]} or of its steps {@code [T][C]}. */
  double[][] scores(SequenceBatch batch, int row) {
    double[][] outputs = outputs(batch, row);
    double[][] vectors = outputs;
    if (spec.head().target() == Target.SEQUENCE) {
      int width = spec.encoder().outputSize();
      Direction direction = spec.encoder().direction();
      vectors = new double[][] {pool(spec.pooling(), outputs, width, direction, "attention.")};
    }
    double[][] scores = new double[vectors.length][];
    for (int t = 0; t < vectors.length; t++) {
      scores[t] = affine("decoder.weight", "decoder.bias", vectors[t]);
    }
    return scores;
  }

  /** The encoder's outputs {@code [T][W]}. */
  double[][] outputs(SequenceBatch batch, int row) {
    SequenceExample example = batch.example(row);
    double[][] x = new double[example.steps()][];
    Arrays.setAll(x, t -> input(example, t));
    EncoderSpec encoder = spec.encoder();
    long key = RandomBits.key(dropoutKey, 2);
    drop(x, encoder.dropout().input(), RandomBits.key(key, 0), batch, row);
    for (int layer = 0; layer < encoder.layers(); layer++) {
      long layerKey = RandomBits.key(key, 1, layer);
      double[][] y = layer(encoder, "rnn.", layer, x, layerKey);
      boolean last = layer == encoder.layers() - 1;
      double p = last ? encoder.dropout().output() : encoder.dropout().between();
      drop(y, p, RandomBits.key(layerKey, 2), batch, row);
      x = y;
    }
    return x;
  }

  private double[] input(SequenceExample example, int t) {
    double[] x = new double[spec.inputs().width()];
    int at = 0;
    for (int c = 0; c < spec.inputs().columns().size(); c++) {
      int size = spec.inputs().columns().get(c).embedding();
      int token = example.tokens()[c][t];
      double p = training ? spec.encoder().dropout().embedding() : 0;
      long key = RandomBits.key(RandomBits.key(dropoutKey, 1), c);
      double factor = RandomBits.uniform(key, token) < (float) p ? 0 : 1 / (1 - p);
      for (int j = 0; j < size; j++) {
        x[at + j] = factor * param(ReaderModel.embedding(c), token * size + j);
      }
      at += size;
    }
    for (int j = 0; j < spec.inputs().features(); j++) {
      x[at++] = example.features()[t * spec.inputs().features() + j];
    }
    if (spec.inputs().words() != null) {
      double[] word = word(example.characters()[t]);
      System.arraycopy(word, 0, x, at, word.length);
    }
    return x;
  }

  private double[] word(int[] characters) {
    WordSpec words = spec.inputs().words();
    int[] read = characters.length == 0 ? new int[] {0} : characters;
    double[][] x = new double[read.length][words.embedding()];
    for (int i = 0; i < read.length; i++) {
      for (int j = 0; j < words.embedding(); j++) {
        x[i][j] = param("words.embedding.weight", read[i] * words.embedding() + j);
      }
    }
    double[][] y = layer(words.encoder(), "words.rnn.", 0, x, 0);
    return pool(words.pooling(), y, words.width(), Direction.BOTH, "words.attention.");
  }

  private void drop(double[][] x, double p, long key, SequenceBatch batch, int row) {
    for (int t = 0; training && p > 0 && t < x.length; t++) {
      int vector = spec.encoder().dropout().locked() ? row : batch.packing().at(t) + row;
      for (int j = 0; j < x[t].length; j++) {
        boolean dropped = RandomBits.uniform(key, vector * x[t].length + j) < (float) p;
        x[t][j] = dropped ? 0 : x[t][j] / (1 - p);
      }
    }
  }

  private double[][] layer(
      EncoderSpec encoder, String prefix, int layer, double[][] x, long layerKey) {
    double[][] y = new double[x.length][encoder.outputSize()];
    for (int d = 0; d < encoder.direction().count(); d++) {
      boolean back = encoder.direction() == Direction.REVERSE || d == 1;
      String suffix = "_l" + layer + (d == 1 ? "_reverse" : "");
      double p = training ? encoder.dropout().weight() : 0;
      long dropKey = RandomBits.key(layerKey, 1, d);
      double[] h = new double[encoder.hiddenSize()];
      double[] c = new double[encoder.hiddenSize()];
      for (int i = 0; i < x.length; i++) {
        int t = back ? x.length - 1 - i : i;
        double[] a = product(prefix + "weight_ih" + suffix, x[t], 0, 0);
        double[] b = product(prefix + "weight_hh" + suffix, h, p, dropKey);
        for (int j = 0; encoder.bias() && j < a.length; j++) {
          a[j] += param(prefix + "bias_ih" + suffix, j);
          b[j] += param(prefix + "bias_hh" + suffix, j);
        }
        h = TwinCell.step(encoder.cell(), a, b, h, c);
        System.arraycopy(h, 0, y[t], d * h.length, h.length);
      }
    }
    for (int t = 0; t < x.length; t++) {
      for (int j = 0; encoder.residual() && layer > 0 && j < y[t].length; j++) {
        y[t][j] += x[t][j];
      }
      if (encoder.layerNorm()) {
        normalise(prefix + "norm_l" + layer, y[t]);
      }
    }
    return y;
  }

  private void normalise(String name, double[] x) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    for (int j = 0; j < x.length; j++) {
      double z = (x[j] - mean) / Math.sqrt(variance + 1e-5);
      x[j] = z * param(name + ".weight", j) + param(name + ".bias", j);
    }
  }

  private double[] pool(
      PoolingType type, double[][] y, int width, Direction direction, String attention) {
    double[] out = new double[width];
    if (y.length == 0) {
      return out;
    }
    double[] weights = new double[y.length];
    Arrays.fill(weights, 1.0 / y.length);
    if (type == PoolingType.ATTENTION) {
      double sum = 0;
      for (int t = 0; t < y.length; t++) {
        double[] u = affine(attention + "weight", attention + "bias", y[t]);
        double score = 0;
        for (int j = 0; j < u.length; j++) {
          score += Math.tanh(u[j]) * param(attention + "query", j);
        }
        weights[t] = Math.exp(score);
        sum += weights[t];
      }
      for (int t = 0; t < y.length; t++) {
        weights[t] /= sum;
      }
    }
    for (int j = 0; j < width; j++) {
      int column = j;
      List<Double> values = new ArrayList<>();
      Arrays.stream(y).forEach(v -> values.add(v[column]));
      boolean back =
          direction == Direction.REVERSE || direction == Direction.BOTH && j >= width / 2;
      switch (type) {
        case LAST -> out[j] = values.get(back ? 0 : y.length - 1);
        case MAX -> out[j] = Collections.max(values);
        default -> {
          for (int t = 0; t < y.length; t++) {
            out[j] += weights[t] * y[t][j];
          }
        }
      }
    }
    return out;
  }

  private double[] affine(String weight, String bias, double[] x) {
    double[] y = product(weight, x, 0, 0);
    for (int i = 0; i < y.length; i++) {
      y[i] += param(bias, i);
    }
    return y;
  }

  /** A matrix times x, with elements of it dropped. */
  private double[] product(String weight, double[] x, double p, long dropKey) {
    double[] y = new double[model.layout().get(weight).shape().get(0)];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        int at = i * x.length + j;
        boolean dropped = p > 0 && RandomBits.uniform(dropKey, at) < (float) p;
        y[i] += dropped ? 0 : param(weight, at) / (1 - p) * x[j];
      }
    }
    return y;
  }

  private double param(String name, int i) {
    return params[model.layout().get(name).offset() + i];
  }
}
