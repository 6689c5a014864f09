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

/** Four workers of one shard each, of which a process has some; worker w is member 10 + w. */
class JointContributionTest {
  private static final NumbersWork WORK = new NumbersWork(4, 600, 3);
  private static final WorkerPlan PLAN = new WorkerPlan(new UUID(1, 2), 4, WORK);
  private static final Command TRAIN = Command.train(7, new Window(0, 0, 0), new float[600]);

  private static JointContribution of(WorkerPlan plan, Integer... members) {
    return new JointContribution(plan, 7, List.of(members));
  }

  private static Contribution train(WorkerPlan plan, int worker) {
    return new WorkerShards(plan, worker).run(TRAIN);
  }

  private static boolean add(JointContribution joint, WorkerPlan plan, int worker) {
    return joint.add(10 + worker, train(plan, worker));
  }

  private static List<ShardTree.Node> nodes(JointContribution joint) {
    return joint.outgoing().message().sums().stream().map(Contribution.NodeSum::node).toList();
  }

  @Test
  void siblings_add_first_and_send_once() {
    JointContribution joint = of(PLAN, 10, 11);
    assertThat(add(joint, PLAN, 1)).isFalse();
    assertThat(add(joint, PLAN, 0)).isTrue();
    assertThat(nodes(joint)).containsExactly(new ShardTree.Node(0, 2));
    JointContribution.Outgoing outgoing = joint.outgoing();
    assertThat(outgoing.message().round()).isEqualTo(7);
    assertThat(outgoing.message().shares())
        .extracting(Contribution.Share::member)
        .containsExactly(11, 10);
    float[] expected =
        train(new WorkerPlan(new UUID(0, 0), 2, WORK), 0).sums().get(0).parts().dense();
    assertThat(outgoing.floats().get(0).array()).isEqualTo(expected);
    assertThat(outgoing.message().shares())
        .allSatisfy(
            share -> {
              assertThat(share.times().slowestShard()).isEqualTo(share.worker());
              assertThat(share.parts()).as("the loss of its own node").hasSize(1);
            });
    assertThat(joint.adding()).isPositive();
    assertThat(outgoing.floats()).extracting(s -> s.to() - s.from()).containsExactly(600, 4, 3);
  }

  @Test
  void strangers_in_the_tree_travel_side_by_side() {
    JointContribution joint = of(PLAN, 11, 12);
    add(joint, PLAN, 2);
    add(joint, PLAN, 1);
    assertThat(nodes(joint)).containsExactly(new ShardTree.Node(1, 2), new ShardTree.Node(2, 3));
  }

  @Test
  void two_attempts_of_a_worker_count_once() {
    JointContribution joint = of(PLAN, 10, 99, 11);
    add(joint, PLAN, 0);
    add(joint, PLAN, 1);
    assertThat(joint.add(99, train(PLAN, 0))).isTrue();
    assertThat(nodes(joint)).containsExactly(new ShardTree.Node(0, 2));
    assertThat(joint.outgoing().message().shares()).hasSize(3);
    assertThat(joint.outgoing().floats().get(0).array())
        .isEqualTo(train(new WorkerPlan(new UUID(0, 0), 2, WORK), 0).sums().get(0).parts().dense());
  }

  @Test
  void nobody_waits_for_a_member_that_is_gone() {
    JointContribution joint = of(PLAN, 10, 11);
    add(joint, PLAN, 0);
    assertThat(joint.leave(11)).isTrue();
    assertThat(nodes(joint)).containsExactly(new ShardTree.Node(0, 1));
    JointContribution empty = of(PLAN, 10);
    assertThat(empty.leave(10)).as("nothing to send").isFalse();
    assertThat(empty.leave(10)).isFalse();
  }

  @Test
  void evaluations_stay_with_their_members() {
    JointContribution joint = of(PLAN, 10, 11);
    joint.add(11, evaluated(1, 2));
    joint.add(10, evaluated(0, 1));
    JointContribution.Outgoing outgoing = joint.outgoing();
    assertThat(outgoing.floats()).isEmpty();
    assertThat(outgoing.message().shares())
        .extracting(Contribution.Share::worker)
        .containsExactly(1, 0);
    assertThat(outgoing.message().shares())
        .extracting(share -> share.parts().get(0).loss().sum())
        .containsExactly(2.0, 1.0);
  }

  private static Contribution evaluated(int worker, double loss) {
    List<Evaluation> parts = List.of(Evaluation.of(new Loss(loss, 1)));
    return new Contribution(
        7, new Contribution.Share(0, worker, WorkerTimes.NONE, parts), List.of(), List.of());
  }

  @Test
  void sums_are_rounded_on_their_way_but_the_total_is_not() {
    WorkerPlan plan = new WorkerPlan(new UUID(1, 2), 2, WORK.with(Wire.BF16));
    JointContribution alone = of(plan, 10);
    add(alone, plan, 0);
    assertThat(alone.outgoing().floats())
        .extracting(Segment::wire)
        .containsExactly(Wire.BF16, Wire.FP32, Wire.FP32);
    JointContribution both = of(plan, 10, 11);
    add(both, plan, 0);
    add(both, plan, 1);
    assertThat(both.outgoing().floats()).extracting(Segment::wire).containsOnly(Wire.FP32);
  }
}
