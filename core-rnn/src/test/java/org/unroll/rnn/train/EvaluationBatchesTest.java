// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/** Rows that are evaluated together: not too many where they are long, and it does not matter. */
class EvaluationBatchesTest {
  private static final int LONG = 100_000;

  private static Network model(int hidden, HeadSpec head) {
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, 8, hidden, 2).with(Direction.BOTH);
    return new Network(NetworkSpec.of(InputSpec.ofTokens(50, 8), encoder, Pooling.Type.MEAN, head));
  }

  private static List<Example> rows(int... lengths) {
    List<Example> rows = new ArrayList<>();
    for (int length : lengths) {
      int[] tokens = new int[length];
      long key = RandomBits.key(7, rows.size());
      Arrays.setAll(tokens, t -> (int) Long.remainderUnsigned(RandomBits.bits(key, t), 50));
      float[] value = {length / 10f};
      rows.add(
          new Example(
              "s" + rows.size(),
              length,
              new int[][] {tokens},
              null,
              null,
              new int[] {length % 3},
              value));
    }
    return rows;
  }

  private static List<List<Integer>> batches(int batch, List<Example> train, int... valid) {
    Network model = model(128, new HeadSpec.Softmax(3, Target.SEQUENCE));
    TrainSpec spec = Specs.train().shards(1).batch(batch).evalBatch(64).build();
    List<List<Integer>> lengths = new ArrayList<>();
    new BucketTask(model, spec, train, rows(valid), new ConfusionMetric(3, 0))
        .source(0, 1)
        .evaluationBatches(0, rows(valid))
        .forEachRemaining(some -> lengths.add(some.stream().map(Example::steps).toList()));
    return lengths;
  }

  @Test
  void long_rows_are_evaluated_one_by_one_and_short_ones_together() {
    assertThat(batches(1, rows(3, 4), 5, LONG, 6, LONG, LONG, 7))
        .containsExactly(List.of(LONG), List.of(LONG), List.of(LONG), List.of(7, 6, 5));
  }

  @Test
  void what_training_reads_together_evaluation_does_too() {
    assertThat(batches(2, rows(LONG, 4, LONG, 2), LONG, LONG, LONG, 5))
        .containsExactly(List.of(LONG, LONG), List.of(LONG, 5));
  }

  @Test
  void short_rows_are_as_many_as_was_asked_for() {
    int[] valid = new int[150];
    Arrays.fill(valid, 9);
    assertThat(batches(1, rows(3, 4), valid)).extracting(List::size).containsExactly(64, 64, 22);
  }

  @Test
  void figures_do_not_depend_on_what_is_evaluated_together() {
    HeadSpec classes = new HeadSpec.Softmax(3, Target.SEQUENCE);
    HeadSpec numbers = new HeadSpec.Regression(1, Target.SEQUENCE);
    requireSame(model(6, classes), new ConfusionMetric(3, 0));
    requireSame(model(6, numbers), new Metric.Errors(1));
  }

  private static void requireSame(Network model, Metric metric) {
    List<Example> rows = rows(9, 1, 33, 0, 8, 8, 21, 2, 40, 5, 13, 13, 7);
    Evaluation together = evaluate(64, model, metric, rows);
    for (int batch : new int[] {1, 2, 5}) {
      Evaluation some = evaluate(batch, model, metric, rows);
      assertThat(some.sums()).isEqualTo(together.sums());
      assertThat(some.loss().weight()).isEqualTo(together.loss().weight());
      // The losses of a batch are added before those of the next one.
      double sum = together.loss().sum();
      assertThat(some.loss().sum()).isCloseTo(sum, within(1e-13 * sum));
    }
  }

  private static Evaluation evaluate(int batch, Network model, Metric metric, List<Example> rows) {
    TrainSpec spec = Specs.train().shards(1).batch(4).evalBatch(batch).build();
    NetworkLearner shards = new BucketTask(model, spec, rows, rows, metric).learner(0, 1);
    shards.load(Initializer.draw(model, spec.init(), 5));
    return shards.evaluate(0, Split.VALID);
  }
}
