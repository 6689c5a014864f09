// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
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

class GroupTaskTest {
  private static final int PARAMETERS = 1000;

  /** What workers with a shard each send in the first round. */
  private static List<RoundResult> results(WorkerPlan plan, int workers) {
    Command command = Command.train(1, new Window(0, 0, 0), new float[PARAMETERS]);
    return IntStream.range(0, workers)
        .mapToObj(
            w -> {
              WorkerShards shards = new WorkerShards(plan, w);
              return RoundResult.of(w, "here", shards.nodes(), shards.run(command), plan.format());
            })
        .toList();
  }

  private static RoundResult add(SumFormat format, List<RoundResult> results) {
    Iterator<RoundResult> added = new GroupTask(format).call(results.iterator());
    RoundResult only = added.next();
    assertThat(added.hasNext()).isFalse();
    return only;
  }

  @ParameterizedTest
  @CsvSource({"9, 4", "16, 4", "17, 8", "64, 8", "65, 16", "1000, 32", "1024, 32"})
  void groups_are_powers_of_two_near_the_root_of_the_workers(int workers, int size) {
    assertThat(GroupTask.size(workers)).isEqualTo(size);
  }

  @ParameterizedTest
  @EnumSource
  void a_group_of_siblings_sends_one_sum_whatever_order_they_come_in(Wire wire) {
    NumbersWork work = new NumbersWork(12, PARAMETERS, 2).with(wire);
    WorkerPlan plan = new WorkerPlan(new UUID(0, 0), 12, work);
    SumFormat format = plan.format();
    List<RoundResult> results = new ArrayList<>(results(plan, 8));
    RoundResult added = add(format, results);
    Collections.reverse(results);
    RoundResult reversed = add(format, results);

    assertThat(added.sums()).extracting(PackedSum::node).containsExactly(new ShardTree.Node(0, 8));
    assertThat(added.reports())
        .extracting(report -> report.worker)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(reversed.sums()).usingRecursiveComparison().isEqualTo(added.sums());
  }

  @Test
  void what_has_no_sibling_goes_on_as_it_is() {
    NumbersWork work = new NumbersWork(12, PARAMETERS, 2);
    WorkerPlan plan = new WorkerPlan(new UUID(0, 0), 12, work);
    List<RoundResult> results = results(plan, 12);
    RoundResult added = add(plan.format(), List.of(results.get(3), results.get(5)));
    assertThat(added.sums())
        .usingRecursiveComparison()
        .isEqualTo(List.of(results.get(3).sums().get(0), results.get(5).sums().get(0)));
  }

  @Test
  void only_written_elements_are_packed() {
    SumFormat format = new SumFormat(2, PARAMETERS, Wire.BF16);
    WeightedSum sum = new WeightedSum(PARAMETERS);
    sum.parts().addTo(256, 512);
    sum.parts().addTo(768, PARAMETERS);
    PackedSum packed = format.pack(new ShardTree.Node(0, 1), sum);
    assertThat(packed.runs).containsExactly(256, 512, 768, PARAMETERS);
    ShardTree tree = format.tree();
    format.add(packed, tree);
    WeightedSum got = tree.pending().get(new ShardTree.Node(0, 1));
    assertThat(got.parts().nextWritten(0)).isEqualTo(256);
    assertThat(got.parts().endOfWritten(256)).isEqualTo(512);
    assertThat(got.parts().nextWritten(512)).isEqualTo(768);
  }
}
