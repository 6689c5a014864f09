// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.unroll.rnn.TwinParams;
import org.unroll.rnn.TwinStack;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A decoder once more, in double: one sequence, one step, one weight of attention at a time.
 *
 * @param own which share of the tokens before a step are the decoder's own
 * @param scores makes those of the tokens of an output
 * @param dropoutKey of the whole pass
 */
record TwinDecoder(
    DecoderSpec spec,
    RnnSpec encoder,
    int readSize,
    TwinParams params,
    boolean training,
    double own,
    UnaryOperator<double[]> scores,
    long dropoutKey) {

  /**
   * Returns the outputs {@code [T][H]} behind the given tokens of a row of a batch.
   *
   * @param row of what is read
   * @param memory the encoder's outputs {@code [S][W]}
   * @param encoded its state of all rows, behind their last steps
   */
  double[][] outputs(Batch batch, int row, double[][] memory, double[] encoded) {
    Packing packing = batch.written();
    int own = 0;
    while (batch.sources()[own] != row) {
      own++;
    }
    int[] given = batch.example(row).labels();
    double[] state = start(encoded, memory, batch.rows(), row, packing.rows(), own);
    double[] fed = new double[spec.inputFeeding() ? spec.outputSize() : 0];
    double[][] outputs = new double[given.length][];
    TwinStack layers = layers();
    for (int t = 0; t < given.length; t++) {
      int token = t == 0 ? spec.end() : given[t - 1];
      int place = packing.at(t) + own;
      if (t > 0 && RandomBits.uniform(RandomBits.key(dropoutKey, 6), place) < (float) this.own) {
        double[] last = scores.apply(outputs[t - 1]);
        token = 0;
        for (int id = 1; id < last.length; id++) {
          token = last[id] > last[token] ? id : token;
        }
      }
      double[] x = input(token, fed);
      double[] h = layers.step(x, packing, own, t, state);
      outputs[t] = spec.attention() == null ? h : look(h, memory);
      drop(outputs[t], packing, own, t);
      fed = spec.inputFeeding() ? outputs[t] : fed;
    }
    return outputs;
  }

  private TwinStack layers() {
    DropoutSpec d = spec.layers().dropout();
    double output = spec.attention() == null ? d.output() : 0;
    RnnSpec own =
        spec.layers()
            .with(
                new DropoutSpec(
                    d.embedding(), d.input(), d.between(), output, d.weight(), d.locked()));
    return new TwinStack(own, "target_rnn.", params, training, RandomBits.key(dropoutKey, 3));
  }

  /** Returns the state of all rows of the decoder, of which one is made. */
  private double[] start(double[] encoded, double[][] memory, int rows, int row, int all, int own) {
    RnnSpec layers = spec.layers();
    double[] state = new double[layers.stateSize(all)];
    double[] made = made(encoded, memory, rows, row);
    for (int layer = 0; layer < layers.layers(); layer++) {
      for (int slot = 0; slot < layers.cell().stateSlots(); slot++) {
        int width = layers.hiddenSize(layer);
        int before = layer * layers.cell().stateSlots() * layers.hiddenSize() + slot * width;
        for (int j = 0; j < width; j++) {
          int at =
              layer * layers.cell().stateSlots() * layers.hiddenSize() * all
                  + (slot * all + own) * width
                  + j;
          state[at] = made[before + j];
        }
      }
    }
    return state;
  }

  /** Returns the state of one row, vector behind vector. */
  private double[] made(double[] encoded, double[][] memory, int rows, int row) {
    int size = spec.layers().stateSize(1);
    if (spec.bridge() == DecoderSpec.Bridge.ZERO) {
      return new double[size];
    }
    if (spec.bridge() == DecoderSpec.Bridge.LINEAR) {
      double[] last =
          encoder == null ? mean(memory) : last(encoded, encoder.layers() - 1, 0, rows, row);
      double[] made = params.product("bridge.weight", last);
      params.add("bridge.bias", made);
      return Arrays.stream(made).map(Math::tanh).toArray();
    }
    double[] made = new double[size];
    int at = 0;
    for (int layer = 0; layer < encoder.layers(); layer++) {
      for (int slot = 0; slot < encoder.cell().stateSlots(); slot++) {
        double[] both = last(encoded, layer, slot, rows, row);
        System.arraycopy(both, 0, made, at, both.length);
        at += both.length;
      }
    }
    return made;
  }

  private double[] mean(double[][] memory) {
    double[] mean = new double[readSize];
    for (double[] vector : memory) {
      for (int j = 0; j < readSize; j++) {
        mean[j] += vector[j] / memory.length;
      }
    }
    return mean;
  }

  /** Returns a vector of the encoder's state in all directions, side by side. */
  private double[] last(double[] encoded, int layer, int slot, int rows, int row) {
    int slots = encoder.cell().stateSlots();
    int directions = encoder.direction().count();
    int width = encoder.hiddenSize(layer);
    double[] vector = new double[directions * width];
    int begin = layer * directions * slots * rows * encoder.hiddenSize();
    for (int d = 0; d < directions; d++) {
      int from = begin + ((d * slots + slot) * rows + row) * width;
      System.arraycopy(encoded, from, vector, d * width, width);
    }
    return vector;
  }

  private double[] input(int token, double[] fed) {
    double[] x = new double[spec.embedding() + fed.length];
    double p = training ? spec.layers().dropout().embedding() : 0;
    boolean dropped = RandomBits.uniform(RandomBits.key(dropoutKey, 4), token) < (float) p;
    String name = spec.sharedEmbedding() ? "embedding.weight" : "target_embedding.weight";
    for (int j = 0; j < spec.embedding(); j++) {
      x[j] = dropped ? 0 : params.get(name, token * spec.embedding() + j) / (1 - p);
    }
    System.arraycopy(fed, 0, x, spec.embedding(), fed.length);
    return x;
  }

  private double[] look(double[] h, double[][] memory) {
    double[] weights = new double[memory.length];
    double sum = 0;
    for (int s = 0; s < memory.length; s++) {
      weights[s] = Math.exp(score(h, memory[s]));
      sum += weights[s];
    }
    double[] joined = Arrays.copyOf(h, h.length + readSize);
    for (int s = 0; s < memory.length; s++) {
      for (int j = 0; j < memory[s].length; j++) {
        joined[h.length + j] += weights[s] / sum * memory[s][j];
      }
    }
    double[] made = params.product("attention.combine.weight", joined);
    return Arrays.stream(made).map(Math::tanh).toArray();
  }

  private double score(double[] h, double[] m) {
    double[] key =
        switch (spec.attention()) {
          case DOT -> m;
          case GENERAL, ADDITIVE -> params.product("attention.key.weight", m);
        };
    double score = 0;
    if (spec.attention() == Attention.Type.ADDITIVE) {
      double[] query = params.product("attention.query.weight", h);
      for (int j = 0; j < key.length; j++) {
        score += params.get("attention.score", j) * Math.tanh(query[j] + key[j]);
      }
      return score;
    }
    for (int j = 0; j < key.length; j++) {
      score += h[j] * key[j];
    }
    return score;
  }

  private void drop(double[] output, Packing packing, int row, int t) {
    DropoutSpec dropout = spec.layers().dropout();
    double p = training && spec.attention() != null ? dropout.output() : 0;
    int vector = dropout.locked() ? row : packing.at(t) + row;
    long key = RandomBits.key(dropoutKey, 5);
    for (int j = 0; p > 0 && j < output.length; j++) {
      boolean dropped = RandomBits.uniform(key, vector * output.length + j) < (float) p;
      output[j] = dropped ? 0 : output[j] / (1 - p);
    }
  }
}
