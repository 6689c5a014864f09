// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.RankMetric;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;

/** Losses and sums of any number of examples. */
class EvaluatorTest {
  private static final Network NETWORK =
      new Network(
          NetworkSpec.of(
              new InputSpec(List.of(), 1, null),
              RnnSpec.of(CellType.GRU, 1, 3, 1),
              Pooling.Type.LAST,
              new HeadSpec.Softmax(2, Target.SEQUENCE)));

  private static Pass pass() {
    Pass pass = new Pass(NETWORK);
    pass.load(Initializer.draw(NETWORK, InitSpec.PYTORCH, 1));
    return pass;
  }

  private static List<Example> examples(int from, int to) {
    List<Example> examples = new ArrayList<>();
    for (int i = from; i < to; i++) {
      examples.add(Example.ofFeatures("s" + i, new float[] {i % 97 / 50f, 1}, 1, i * i % 3 % 2));
    }
    return examples;
  }

  private static Evaluation evaluate(Metric metric, int count, int batch) {
    Evaluator evaluator = new Evaluator(pass(), metric, null);
    Batch examples = new Batch(NETWORK.spec().batchShape());
    for (int from = 0; from < count; from += batch) {
      examples.fill(examples(from, Math.min(count, from + batch)));
      evaluator.read(examples, null);
    }
    return evaluator.evaluation();
  }

  @Test
  void sums_are_those_of_all_examples_however_many_there_are() {
    for (int count : new int[] {0, 1, 1023, 1024, 1025, 5000}) {
      double[] expected = new double[2];
      for (Example example : examples(0, count)) {
        Batch one = new Batch(NETWORK.spec().batchShape());
        one.fill(List.of(example));
        Pass pass = pass();
        pass.read(one, null);
        new Metric.Accuracy().add(example, pass.prediction(0, null), expected);
      }
      for (int batch : new int[] {7, 300}) {
        Evaluation found = evaluate(new Metric.Accuracy(), count, batch);
        assertThat(found.sums()).containsExactly(expected);
        assertThat(found.loss().weight()).isEqualTo(count);
      }
    }
  }

  @Test
  void sums_that_grow_are_merged() {
    Evaluation found = evaluate(new RankMetric(), 5000, 64);
    // A number for each of 97 different examples.
    assertThat(found.sums().length).isLessThanOrEqualTo(3 * 97);
    Loss error = new RankMetric().error(found.sums());
    double positives = 0;
    for (Example example : examples(0, 5000)) {
      positives += example.labels()[0];
    }
    assertThat(error.weight()).isEqualTo(positives * (5000 - positives));
    assertThat(error.mean()).isBetween(0.0, 1.0);
  }

  @Test
  void without_a_metric_there_is_the_loss() {
    Evaluation found = evaluate(null, 50, 8);
    assertThat(found.sums()).isEmpty();
    double expected = evaluate(new Metric.Accuracy(), 50, 50).loss().sum();
    assertThat(found.loss().sum()).isCloseTo(expected, within(1e-12 * expected));
  }

  /** Keeps the last output of every example. */
  private record States() implements Metric {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public boolean readsStates() {
      return true;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      assertThat(prediction.states()).hasSize(example.steps() * 3);
      sums[0] += prediction.states()[0];
      return sums;
    }

    @Override
    public Loss error(double[] sums) {
      return new Loss(sums[0], 1);
    }

    @Override
    public Map<String, Double> figures(double[] sums) {
      return Map.of();
    }
  }

  @Test
  void outputs_are_there_for_a_metric_that_reads_them() {
    assertThat(evaluate(new States(), 10, 4).sums()[0]).isNotZero();
  }
}
