// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/** Small tasks that must be learned. */
class TaskLearningTest {

  private static List<Example> examples(int count, long seed, Function<Random, Example> make) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(make.apply(random));
    }
    return examples;
  }

  private static Map<String, Double> learn(
      NetworkSpec spec, Specs specs, Function<Random, Example> make, Metric metric) {
    Network model = new Network(spec);
    TrainSpec train = specs.shards(2).batch(32).evalBatch(64).clipNorm(5).build();
    BucketTask task =
        new BucketTask(model, train, examples(1000, 1, make), examples(300, 2, make), metric);
    return task.figures(task.fit().params());
  }

  private static Specs adam(double lr, int epochs) {
    return Specs.train().epochs(epochs).optimizer(OptimizerSpec.Kind.ADAM, lr);
  }

  /** Returns a sequence with its class, which is whether the 1 comes before the 2. */
  private static Example order(Random random) {
    int[] tokens = random.ints(3 + random.nextInt(12), 3, 9).toArray();
    int first = random.nextInt(tokens.length);
    int second = (first + 1 + random.nextInt(tokens.length - 1)) % tokens.length;
    tokens[first] = 1;
    tokens[second] = 2;
    return Example.ofTokens("s", tokens, first < second ? 1 : 0);
  }

  @ParameterizedTest
  @EnumSource(Pooling.Type.class)
  void every_pooling_learns_to_classify(Pooling.Type pooling) {
    InputSpec inputs = InputSpec.ofTokens(9, 8);
    RnnSpec encoder =
        RnnSpec.of(CellType.LSTM, inputs.width(), 12, 1)
            .with(Direction.BOTH)
            .with(TestNetworks.around(0.1, true));
    NetworkSpec spec =
        NetworkSpec.of(inputs, encoder, pooling, new HeadSpec.Softmax(2, Target.SEQUENCE));
    Map<String, Double> figures =
        learn(spec, adam(0.02, 10), TaskLearningTest::order, new ConfusionMetric(2, 0));
    assertThat(figures.get("accuracy")).isGreaterThan(0.97);
  }

  /** The adding problem (Hochreiter and Schmidhuber 1997): the sum of two numbers out of many. */
  private static Example adding(Random random) {
    int steps = 12;
    float[] features = new float[2 * steps];
    for (int t = 0; t < steps; t++) {
      features[2 * t] = random.nextFloat();
    }
    int first = random.nextInt(steps / 2);
    int second = steps / 2 + random.nextInt(steps / 2);
    features[2 * first + 1] = 1;
    features[2 * second + 1] = 1;
    float sum = features[2 * first] + features[2 * second];
    return Example.ofFeatures("s", features, 2, (int[]) null).withValues(sum);
  }

  @ParameterizedTest
  @EnumSource(names = {"LSTM", "GRU"})
  void gated_cells_learn_to_add(CellType cell) {
    InputSpec inputs = new InputSpec(List.of(), 2, null);
    NetworkSpec spec =
        NetworkSpec.of(
            inputs,
            RnnSpec.of(cell, inputs.width(), 16, 1),
            Pooling.Type.LAST,
            new HeadSpec.Regression(1, Target.SEQUENCE));
    Map<String, Double> figures =
        learn(spec, adam(0.02, 40), TaskLearningTest::adding, new Metric.Errors(1));
    // Guessing 1 every time has an error of 1/6.
    assertThat(figures.get("mse")).isLessThan(0.01);
  }

  /** Brackets of two kinds that close with one sign: which kind does it close? 0 for openings. */
  private static Example brackets(Random random) {
    Deque<Integer> open = new ArrayDeque<>();
    int steps = 4 + random.nextInt(8);
    int[] tokens = new int[steps];
    int[] labels = new int[steps];
    for (int t = 0; t < steps; t++) {
      boolean close = !open.isEmpty() && (open.size() == 3 || random.nextBoolean());
      if (close) {
        labels[t] = open.pop();
      } else {
        tokens[t] = 1 + random.nextInt(2);
        open.push(tokens[t]);
      }
    }
    return Example.ofTokens("s", tokens, labels);
  }

  @Test
  void a_crf_learns_to_tag_brackets() {
    InputSpec inputs = InputSpec.ofTokens(3, 6);
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, inputs.width(), 16, 1).with(Direction.BOTH);
    NetworkSpec spec = NetworkSpec.of(inputs, encoder, null, new HeadSpec.LinearCrf(3));
    Map<String, Double> figures =
        learn(spec, adam(0.02, 15), TaskLearningTest::brackets, new ConfusionMetric(3, 0));
    assertThat(figures.get("accuracy")).isGreaterThan(0.97);
  }

  /** Strokes of three shapes and any length, with noise and pauses between them. */
  private static Example strokes(Random random) {
    double[][] shapes = {{1, 0}, {0, 1}, {-1, -1}};
    int[] labels = random.ints(1 + random.nextInt(4), 1, 4).toArray();
    List<Double> points = new ArrayList<>();
    for (int label : labels) {
      int length = 2 + random.nextInt(3);
      for (int i = 0; i < length + 2; i++) {
        for (double part : shapes[label - 1]) {
          points.add((i < length ? part : 0) + 0.2 * random.nextGaussian());
        }
      }
    }
    float[] features = new float[points.size()];
    for (int i = 0; i < features.length; i++) {
      features[i] = points.get(i).floatValue();
    }
    return Example.ofFeatures("s", features, 2, labels);
  }

  @Test
  void unaligned_labels_of_strokes_are_learned() {
    InputSpec inputs = new InputSpec(List.of(), 2, null);
    RnnSpec encoder = RnnSpec.of(CellType.GRU, inputs.width(), 12, 1).with(Direction.BOTH);
    NetworkSpec spec = NetworkSpec.of(inputs, encoder, null, new HeadSpec.Alignment(3));
    Map<String, Double> figures =
        learn(spec, adam(0.02, 12), TaskLearningTest::strokes, new Metric.Edits());
    assertThat(figures.get("label_error_rate")).isLessThan(0.05);
  }

  /** A walk on a ring of four places, of which only two tell where they are. */
  private static Example walk(Random random) {
    int steps = 12;
    int[][] tokens = new int[2][steps];
    int[] next = new int[steps];
    int place = 0;
    for (int t = 0; t < steps; t++) {
      tokens[0][t] = seen(place);
      tokens[1][t] = random.nextInt(2);
      place = Math.floorMod(place + (tokens[1][t] == 0 ? -1 : 1), 4);
      next[t] = seen(place);
    }
    return new Example("s", steps, tokens, null, null, next, null);
  }

  private static int seen(int place) {
    return place % 2 == 0 ? 1 + place / 2 : 0;
  }

  @Test
  void a_state_that_predicts_what_is_seen_next_is_learned() {
    InputSpec inputs =
        new InputSpec(
            Arrays.asList(new InputSpec.TokenColumn(3, 4), new InputSpec.TokenColumn(2, 2)),
            0,
            null);
    RnnSpec encoder = RnnSpec.of(CellType.GRU, inputs.width(), 16, 1);
    NetworkSpec spec = NetworkSpec.of(inputs, encoder, null, new HeadSpec.Softmax(3, Target.STEP));
    Map<String, Double> figures =
        learn(spec, adam(0.02, 40), TaskLearningTest::walk, new ConfusionMetric(3, 0));
    assertThat(figures.get("accuracy")).isGreaterThan(0.97);
  }

  /** Returns some letters that are to be written backwards; 0 ends them. */
  private static Example backwards(Random random) {
    int[] tokens = random.ints(2 + random.nextInt(5), 1, 9).toArray();
    int[] labels = new int[tokens.length + 1];
    for (int t = 0; t < tokens.length; t++) {
      labels[t] = tokens[tokens.length - 1 - t];
    }
    return Example.ofTokens("s", tokens, labels);
  }

  @Test
  void a_decoder_with_attention_learns_to_write_backwards() {
    RnnSpec encoder = RnnSpec.of(CellType.GRU, 12, 16, 1).with(Direction.BOTH);
    DecoderSpec decoder =
        new DecoderSpec(
            9,
            0,
            12,
            false,
            RnnSpec.of(CellType.GRU, 12 + 24, 24, 1),
            DecoderSpec.Bridge.LINEAR,
            Attention.Type.GENERAL,
            true);
    NetworkSpec spec =
        new NetworkSpec(
            InputSpec.ofTokens(9, 12),
            encoder,
            decoder,
            false,
            null,
            new HeadSpec.Vocabulary(9, false, true));
    Network network = new Network(spec);
    TrainSpec train = adam(0.01, 15).shards(2).batch(32).evalBatch(64).clipNorm(5).build();
    List<Example> learnt = examples(1000, 1, TaskLearningTest::backwards);
    List<Example> others = examples(200, 2, TaskLearningTest::backwards);
    float[] params = new BucketTask(network, train, learnt, others, null).fit().params();
    Pass pass = new Pass(network);
    pass.load(params);
    Batch batch = new Batch(spec.batchShape());
    batch.fill(others);
    pass.read(batch, null);
    int right = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int[] written = pass.prediction(row, Search.ofBeam(3)).written().get(0).tokens();
      int[] labels = batch.example(row).labels();
      right += Arrays.equals(written, Arrays.copyOf(labels, labels.length - 1)) ? 1 : 0;
    }
    assertThat(right).isGreaterThan(180);
  }
}
