// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.unroll.rnn.TwinParams;
import org.unroll.rnn.TwinStack;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A network once more, in double precision, as plainly as can be: one sequence at a time, one step
 * at a time, nothing packed. The layers are those of {@link TwinStack}; losses are made by {@link
 * TwinHead}, by looking at all that could be.
 */
final class Twin {
  private final Network network;
  private final NetworkSpec spec;
  private final TwinParams params;
  private final boolean training;
  private final long dropoutKey;
  private final TwinStack encoder;
  private double ownTokens;

  /** Makes a pass without dropout. */
  static Twin evaluating(Network network, TwinParams params) {
    return new Twin(network, params, false, 0);
  }

  /** Makes a pass with the dropout masks of a key. */
  static Twin training(Network network, TwinParams params, long dropoutKey) {
    return new Twin(network, params, true, dropoutKey);
  }

  private Twin(Network network, TwinParams params, boolean training, long dropoutKey) {
    this.network = network;
    this.spec = network.spec();
    this.params = params;
    this.training = training;
    this.dropoutKey = dropoutKey;
    long key = RandomBits.key(dropoutKey, 2);
    encoder =
        spec.encoder() == null
            ? null
            : new TwinStack(spec.encoder(), "rnn.", params, training, key);
  }

  /** Has a decoder read this share of tokens of its own. */
  Twin readingOwnTokens(double share) {
    ownTokens = share;
    return this;
  }

  /** Returns the state before the first step that the parameters hold. */
  double[] learnedState(int rows) {
    double[] state = new double[network.stateSize(rows)];
    RnnSpec rnn = spec.encoder();
    int vectors = rnn.direction().count() * rnn.cell().stateSlots();
    int at = 0;
    int from = 0;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int width = rnn.hiddenSize(layer);
      for (int i = 0; i < vectors * rows * width; i++) {
        int vector = i / (rows * width);
        state[at + i] = params.get(Network.INITIAL_STATE, from + vector * width + i % width);
      }
      at += vectors * rows * width;
      from += vectors * width;
    }
    return state;
  }

  /** Returns the summed loss of a batch; the state becomes the one after it. */
  double loss(Batch batch, double[] state) {
    double loss = 0;
    for (int row = 0; spec.decoder() != null && row < batch.rows(); row++) {
      loss += TwinHead.loss(spec.head(), written(batch, row), batch.example(row), params, training);
    }
    if (spec.decoder() != null) {
      return loss;
    }
    for (int row = 0; row < batch.rows(); row++) {
      double[][] scores = scores(batch, row, state);
      loss += TwinHead.loss(spec.head(), scores, batch.example(row), params, training);
    }
    return loss;
  }

  /** Returns the scores of the tokens that are to be written about a row. */
  private double[][] written(Batch batch, int row) {
    Example example = batch.example(row);
    double[][] x = new double[example.steps()][];
    Arrays.setAll(x, t -> input(example, t));
    double[] state = new double[network.stateSize(batch.rows())];
    double[][] memory = encoder == null ? x : encoder.read(x, batch.packing(), row, state);
    double[][] y =
        new TwinDecoder(
                spec.decoder(),
                spec.encoder(),
                spec.readSize(),
                params,
                training,
                ownTokens,
                this::scores,
                dropoutKey)
            .outputs(batch, row, memory, state);
    return Arrays.stream(y).map(this::scores).toArray(double[][]::new);
  }

  /** Returns the scores of a sequence {@code [1][C]} or of its steps {@code [T][C]}. */
  private double[][] scores(Batch batch, int row, double[] state) {
    Example example = batch.example(row);
    double[][] x = new double[example.steps()][];
    Arrays.setAll(x, t -> input(example, t));
    double[][] vectors = encoder.read(x, batch.packing(), row, state);
    if (spec.head().target() == Target.SEQUENCE) {
      int width = spec.encoder().outputSize();
      Direction direction = spec.encoder().direction();
      vectors = new double[][] {pool(spec.pooling(), vectors, width, direction, "attention.")};
    }
    double[][] scores = new double[vectors.length][];
    for (int t = 0; t < vectors.length; t++) {
      scores[t] = scores(vectors[t]);
    }
    return scores;
  }

  /** Returns the scores of an output. */
  private double[] scores(double[] y) {
    if (spec.head() instanceof HeadSpec.Vocabulary head && !head.cutoffs().isEmpty()) {
      return TwinHead.adaptive(head, y, params);
    }
    boolean words = spec.head() instanceof HeadSpec.Vocabulary;
    boolean tied = spec.head() instanceof HeadSpec.Vocabulary head && head.tied();
    boolean bias = !words || ((HeadSpec.Vocabulary) spec.head()).bias();
    double[] scores =
        params.product(tied ? network.vocabularyMatrix().name() : "decoder.weight", y);
    if (bias) {
      params.add("decoder.bias", scores);
    }
    return scores;
  }

  /** Returns the scores after one token of one of many rows, whose state moves on. */
  double[] step(int token, int row, int rows, double[] state) {
    Packing packing = new Packing();
    packing.setOneStep(rows);
    Example example = Example.ofTokens("one", new int[] {token});
    return scores(encoder.step(input(example, 0), packing, row, 0, state));
  }

  private double[] input(Example example, int t) {
    double[] x = new double[spec.inputs().width()];
    int at = 0;
    for (int c = 0; c < spec.inputs().columns().size(); c++) {
      int size = spec.inputs().columns().get(c).embedding();
      int token = example.tokens()[c][t];
      double p = training && encoder != null ? spec.encoder().dropout().embedding() : 0;
      long key = RandomBits.key(RandomBits.key(dropoutKey, 1), c);
      double factor = RandomBits.uniform(key, token) < (float) p ? 0 : 1 / (1 - p);
      for (int j = 0; j < size; j++) {
        x[at + j] = factor * params.get(Network.embedding(c), token * size + j);
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
    InputSpec.WordSpec words = spec.inputs().words();
    int[] read = characters.length == 0 ? new int[] {0} : characters;
    double[][] x = new double[read.length][words.embedding()];
    for (int i = 0; i < read.length; i++) {
      for (int j = 0; j < words.embedding(); j++) {
        x[i][j] = params.get("words.embedding.weight", read[i] * words.embedding() + j);
      }
    }
    double[][] y = new TwinStack(words.encoder(), "words.rnn.", params, false, 0).read(x);
    return pool(words.pooling(), y, words.width(), Direction.BOTH, "words.attention.");
  }

  private double[] pool(
      Pooling.Type type, double[][] y, int width, Direction direction, String attention) {
    double[] out = new double[width];
    if (y.length == 0) {
      return out;
    }
    double[] weights = new double[y.length];
    Arrays.fill(weights, 1.0 / y.length);
    if (type == Pooling.Type.ATTENTION) {
      double sum = 0;
      for (int t = 0; t < y.length; t++) {
        double[] u = params.product(attention + "weight", y[t]);
        params.add(attention + "bias", u);
        double score = 0;
        for (int j = 0; j < u.length; j++) {
          score += Math.tanh(u[j]) * params.get(attention + "query", j);
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
}
