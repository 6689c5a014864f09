// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;

class JobRoundsTest {
  private static final int PARAMETERS = 1000;

  private static WorkerPlan plan(Wire wire) {
    NumbersWork work = new NumbersWork(12, PARAMETERS, 2).with(wire);
    return new WorkerPlan(new UUID(0, 0), 12, work);
  }

  /** What workers with a shard each send in the first round. */
  private static List<RoundTask.Result> results(WorkerPlan plan, int workers) {
    Command command = Command.train(1, new Window(0, 0, 0), new float[PARAMETERS]);
    return IntStream.range(0, workers)
        .mapToObj(w -> result(plan, w, new WorkerShards(plan, w).run(command)))
        .toList();
  }

  private static RoundTask.Result result(WorkerPlan plan, int worker, Contribution contribution) {
    JointContribution alone = new JointContribution(plan, contribution.round(), List.of(0));
    alone.add(0, contribution);
    JointContribution.Outgoing outgoing = alone.outgoing();
    return new RoundTask.Result(
        outgoing.message(), new Segment.Packed(outgoing.floats()), List.of("host " + worker));
  }

  /** The sums of a result, where they came to. */
  private static ShardTree sums(WorkerPlan plan, RoundTask.Result result) {
    ShardTree tree = plan.wholeTree();
    tree.begin(1);
    Contribution.Message message = result.message();
    result.floats().unpack(message.decoder(plan, tree, 0, share -> plan.newStates(share.worker())));
    return tree;
  }

  private static float[] gradient(WorkerPlan plan, RoundTask.Result result, ShardTree.Node node) {
    return sums(plan, result).pending().get(node).parts().dense();
  }

  @ParameterizedTest
  @CsvSource({"9, 4", "16, 4", "17, 8", "64, 8", "65, 16", "1000, 32", "1024, 32"})
  void groups_are_powers_of_two_near_the_root_of_the_workers(int workers, int size) {
    assertThat(JobRounds.groupSize(workers)).isEqualTo(size);
  }

  @ParameterizedTest
  @EnumSource
  void a_group_of_siblings_sends_one_sum_whatever_order_they_come_in(Wire wire) {
    WorkerPlan plan = plan(wire);
    List<RoundTask.Result> results = new ArrayList<>(results(plan, 8));
    RoundTask.Result added = JobRounds.addGroup(plan, results.iterator());
    Collections.reverse(results);
    RoundTask.Result reversed = JobRounds.addGroup(plan, results.iterator());

    ShardTree.Node all = new ShardTree.Node(0, 8);
    assertThat(sums(plan, added).pending().keySet()).containsExactly(all);
    assertThat(added.message().shares())
        .extracting(Contribution.Share::worker)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(added.locations()).startsWith("host 0", "host 1").hasSize(8);
    assertThat(gradient(plan, reversed, all)).isEqualTo(gradient(plan, added, all));
  }

  @Test
  void what_has_no_sibling_goes_on_as_it_is() {
    WorkerPlan plan = plan(Wire.FP32);
    List<RoundTask.Result> results = results(plan, 12);
    RoundTask.Result added =
        JobRounds.addGroup(plan, List.of(results.get(3), results.get(5)).iterator());
    for (int worker : new int[] {3, 5}) {
      ShardTree.Node leaf = ShardTree.Node.of(worker);
      assertThat(gradient(plan, added, leaf)).isEqualTo(gradient(plan, results.get(worker), leaf));
    }
  }

  @Test
  void bad_data_are_the_result_of_a_group() {
    WorkerPlan plan = plan(Wire.FP32);
    List<RoundTask.Result> results = new ArrayList<>(results(plan, 2));
    results.add(RoundTask.Result.inputError("poem.txt is empty."));
    assertThat(JobRounds.addGroup(plan, results.iterator()).isInputError()).isTrue();
  }

  @Test
  void only_written_elements_are_packed() {
    NumbersWork work = new NumbersWork(2, PARAMETERS, 0).with(Wire.BF16);
    WorkerPlan plan = new WorkerPlan(new UUID(0, 0), 2, work);
    WeightedSum sum = new WeightedSum(PARAMETERS);
    sum.parts().addTo(256, 512);
    sum.parts().addTo(768, PARAMETERS);
    Contribution contribution =
        new Contribution(
            1,
            new Contribution.Share(
                0, 0, WorkerTimes.NONE, List.of(org.unroll.rnn.train.Evaluation.NONE)),
            List.of(sum),
            List.of());
    RoundTask.Result packed = result(plan, 0, contribution);
    assertThat(packed.message().sums().get(0).runs()).containsExactly(256, 512, 768, PARAMETERS);
    WeightedSum got = sums(plan, packed).pending().get(new ShardTree.Node(0, 1));
    assertThat(got.parts().nextWritten(0)).isEqualTo(256);
    assertThat(got.parts().endOfWritten(256)).isEqualTo(512);
    assertThat(got.parts().nextWritten(512)).isEqualTo(768);
  }
}
