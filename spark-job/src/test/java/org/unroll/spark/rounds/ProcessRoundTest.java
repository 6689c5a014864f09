// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;

/** Four workers of one shard each, of which a process has some. */
class ProcessRoundTest {
  private static final NumbersWork WORK = new NumbersWork(4, 600, 3);
  private static final WorkerPlan PLAN = new WorkerPlan(new UUID(1, 2), 4, WORK);
  private static final Command TRAIN = Command.train(7, new Window(0, 0, 0), new float[600]);

  private static NetworkLink link(WorkerPlan plan, int worker) {
    return new NetworkLink(null, plan, 10 + worker, worker, () -> false);
  }

  private static Contribution train(WorkerPlan plan, int worker) {
    return new WorkerShards(plan, worker).run(TRAIN);
  }

  private static List<ShardTree.Node> nodes(ProcessRound.Outgoing outgoing) {
    return outgoing.head().sums().stream().map(Messages.NodeSum::node).toList();
  }

  @Test
  void siblings_add_first_and_send_once() {
    NetworkLink a = link(PLAN, 0);
    NetworkLink b = link(PLAN, 1);
    ProcessRound round = new ProcessRound(PLAN, 7, List.of(a, b), 5);
    assertThat(round.add(b, train(PLAN, 1))).isNull();
    ProcessRound.Outgoing outgoing = round.add(a, train(PLAN, 0));
    assertThat(nodes(outgoing)).containsExactly(new ShardTree.Node(0, 2));
    assertThat(outgoing.head().round()).isEqualTo(7);
    assertThat(outgoing.head().shares()).extracting(Messages.Share::member).containsExactly(11, 10);
    float[] expected = train(new WorkerPlan(new UUID(0, 0), 2, WORK), 0).sums().get(0).gradient();
    assertThat(outgoing.floats().get(0).array()).isEqualTo(expected);
    assertThat(outgoing.head().shares())
        .allSatisfy(
            share -> {
              assertThat(share.times().slowestShard()).isEqualTo(share.worker());
              assertThat(share.times().encode()).isEqualTo(5);
              assertThat(share.times().sum()).isPositive();
            });
    assertThat(outgoing.floats()).extracting(s -> s.to() - s.from()).containsExactly(600, 4, 3);
  }

  @Test
  void strangers_in_the_tree_travel_side_by_side() {
    NetworkLink a = link(PLAN, 1);
    NetworkLink b = link(PLAN, 2);
    ProcessRound round = new ProcessRound(PLAN, 7, List.of(a, b), 5);
    round.add(b, train(PLAN, 2));
    assertThat(nodes(round.add(a, train(PLAN, 1))))
        .containsExactly(new ShardTree.Node(1, 2), new ShardTree.Node(2, 3));
  }

  @Test
  void two_attempts_of_a_worker_count_once() {
    NetworkLink first = link(PLAN, 0);
    NetworkLink again = new NetworkLink(null, PLAN, 99, 0, () -> false);
    NetworkLink sibling = link(PLAN, 1);
    ProcessRound round = new ProcessRound(PLAN, 7, List.of(first, again, sibling), 5);
    round.add(first, train(PLAN, 0));
    round.add(sibling, train(PLAN, 1));
    ProcessRound.Outgoing outgoing = round.add(again, train(PLAN, 0));
    assertThat(nodes(outgoing)).containsExactly(new ShardTree.Node(0, 2));
    assertThat(outgoing.head().shares()).hasSize(3);
    assertThat(outgoing.floats().get(0).array())
        .isEqualTo(train(new WorkerPlan(new UUID(0, 0), 2, WORK), 0).sums().get(0).gradient());
  }

  @Test
  void nobody_waits_for_a_member_that_is_gone() {
    NetworkLink a = link(PLAN, 0);
    NetworkLink b = link(PLAN, 1);
    ProcessRound round = new ProcessRound(PLAN, 7, List.of(a, b), 5);
    round.add(a, train(PLAN, 0));
    assertThat(nodes(round.leave(b))).containsExactly(new ShardTree.Node(0, 1));
    ProcessRound empty = new ProcessRound(PLAN, 7, List.of(a), 5);
    assertThat(empty.leave(a)).as("nothing to send").isNull();
    assertThat(empty.leave(a)).isNull();
  }

  @Test
  void losses_of_an_evaluation_come_in_the_order_of_their_members() {
    NetworkLink a = link(PLAN, 0);
    NetworkLink b = link(PLAN, 1);
    ProcessRound round = new ProcessRound(PLAN, 7, List.of(a, b), 5);
    round.add(b, evaluated(2));
    ProcessRound.Outgoing outgoing = round.add(a, evaluated(1));
    assertThat(outgoing.floats()).isEmpty();
    assertThat(outgoing.head().shares()).extracting(Messages.Share::worker).containsExactly(1, 0);
    assertThat(outgoing.head().evaluations())
        .extracting(part -> part.loss().sum())
        .containsExactly(2.0, 1.0);
  }

  private static Contribution evaluated(double loss) {
    return new Contribution(
        7,
        List.of(),
        List.of(Evaluation.of(new Loss(loss, 1))),
        Contribution.NO_STATES,
        WorkerTimes.NONE);
  }

  @Test
  void sums_are_rounded_on_their_way_but_the_total_is_not() {
    WorkerPlan plan = new WorkerPlan(new UUID(1, 2), 2, WORK.with(Wire.BF16));
    NetworkLink a = link(plan, 0);
    NetworkLink b = link(plan, 1);
    ProcessRound alone = new ProcessRound(plan, 7, List.of(a), 5);
    assertThat(alone.add(a, train(plan, 0)).floats())
        .extracting(Segment::wire)
        .containsExactly(Wire.BF16, Wire.FP32);
    ProcessRound both = new ProcessRound(plan, 7, List.of(a, b), 5);
    both.add(a, train(plan, 0));
    assertThat(both.add(b, train(plan, 1)).floats())
        .extracting(Segment::wire)
        .containsOnly(Wire.FP32);
  }
}
