// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;

/** Contributions on their way in, of two workers with a shard each. */
class ContributionTest {
  /** Elements of a slice of a tree. */
  private static final int SLICE = ShardTree.sliced(1, 1 << 20, Wire.FP32).sliceSize();

  private static final int SIZE = 3 * SLICE + 777;

  /** Runs that begin and end anywhere in a slice, cross its border, and end with the last block. */
  private static final int[] RUNS = {
    Gradient.BLOCK,
    3 * Gradient.BLOCK,
    5 * Gradient.BLOCK,
    2 * SLICE + 7 * Gradient.BLOCK,
    2 * SLICE + 9 * Gradient.BLOCK,
    SIZE
  };

  private static WorkerPlan plan(Wire wire) {
    return new WorkerPlan(new UUID(0, 0), 2, new NumbersWork(2, SIZE, 0).with(wire));
  }

  private static Contribution.Message message(int worker, Loss loss, int... runs) {
    List<Evaluation> parts = List.of(Evaluation.of(loss));
    return new Contribution.Message(
        1,
        Span.all(SIZE),
        List.of(new Contribution.Share(worker, worker, WorkerTimes.NONE, parts)),
        List.of(new Contribution.NodeSum(ShardTree.Node.of(worker), loss, runs)));
  }

  @ParameterizedTest
  @EnumSource
  void every_number_comes_to_its_place_wherever_its_run_begins(Wire wire) {
    float[] gradient = new float[SIZE];
    float[] expected = new float[SIZE];
    for (int r = 0; r < RUNS.length; r += 2) {
      for (int i = RUNS[r]; i < RUNS[r + 1]; i++) {
        gradient[i] = RandomBits.uniform(5, i) - 0.5f;
        expected[i] = gradient[i];
      }
    }
    wire.round(expected, 0, SIZE);

    ShardTree tree = plan(wire).slicedTree();
    tree.begin(1);
    Segment.Decoder decoder =
        message(0, new Loss(2, 1), RUNS).decoder(plan(wire), tree, 0, share -> List.of());
    ByteBuffer bytes =
        new OutgoingFloats(Segment.of(gradient, RUNS, wire), 1 << 14, new LongAdder())
            .nioByteBuffer();
    for (int from = 0; from < bytes.limit(); from += 5000) {
      decoder.read(bytes.slice(from, Math.min(5000, bytes.limit() - from)));
    }
    assertThat(decoder.isComplete()).isTrue();
    assertThatThrownBy(tree::total).isInstanceOf(IllegalStateException.class);
    assertThat(
            message(1, new Loss(3, 4))
                .decoder(plan(wire), tree, 0, share -> List.of())
                .isComplete())
        .as("a sum of which nothing was written")
        .isTrue();

    WeightedSum total = tree.total();
    assertThat(total.parts().dense()).isEqualTo(expected);
    assertThat(total.loss()).isEqualTo(new Loss(5, 5));
  }

  @Test
  void what_the_plan_does_not_allow_is_refused() {
    WorkerPlan plan = plan(Wire.FP32);
    ShardTree tree = plan.slicedTree();
    Contribution.Message wrongRuns = message(0, Loss.ZERO, 1, 2);
    assertThatThrownBy(() -> wrongRuns.decoder(plan, tree, 0, share -> List.of()))
        .hasMessageContaining("are no run");
    Contribution.Share share = new Contribution.Share(0, 0, WorkerTimes.NONE, List.of());
    Contribution.Message nothing =
        new Contribution.Message(1, Span.all(SIZE), List.of(share), List.of());
    assertThatThrownBy(() -> nothing.decoder(plan, tree, 0, s -> List.of()))
        .hasMessage("it sent 0 evaluations instead of 1");
  }
}
