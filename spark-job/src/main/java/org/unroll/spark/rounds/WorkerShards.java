// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;

/**
 * Carries out commands on the shards of one worker, and adds their sums as far as the canonical
 * tree allows. All buffers are used again for every round. Not for use by two threads at a time.
 */
final class WorkerShards {
  private final WorkerPlan plan;
  private final int first;
  private final int end;
  private final Learner learner;
  private final ShardTree tree;
  private final float[] states;

  /** Reads the data of a worker's shards. */
  WorkerShards(WorkerPlan plan, int worker) {
    this.plan = plan;
    first = plan.firstShard(worker);
    end = plan.firstShard(worker + 1);
    learner = plan.work().open(first, end);
    tree = plan.wholeTree();
    states = new float[plan.stateSize(worker)];
  }

  /** Carries out a command to train or to evaluate. */
  Contribution run(Command command) {
    WorkerTimes.Timer timer = new WorkerTimes.Timer();
    if (command.params() != null) {
      learner.load(command.params());
    }
    if (command.states() != null) {
      restore(command.states());
    }
    return command.kind() == Command.Kind.TRAIN
        ? gradient(command.round(), command.window(), timer)
        : evaluate(command.round(), command.split(), timer);
  }

  private Contribution gradient(long round, Window window, WorkerTimes.Timer timer) {
    tree.begin(round);
    for (int s = first; s < end; s++) {
      WeightedSum sum = tree.take();
      timer.begin();
      learner.gradient(s, window, sum);
      timer.end(s);
      tree.add(ShardTree.Node.of(s), sum);
    }
    save();
    List<WeightedSum> sums = List.copyOf(tree.pending().values());
    List<Evaluation> losses = sums.stream().map(sum -> Evaluation.of(sum.loss())).toList();
    return new Contribution(round, sums, losses, states, timer.times(0));
  }

  private Contribution evaluate(long round, Split split, WorkerTimes.Timer timer) {
    List<Evaluation> evaluations = new ArrayList<>();
    for (int s = first; s < end; s++) {
      evaluations.add(learner.evaluate(s, split));
    }
    return new Contribution(round, List.of(), evaluations, Contribution.NO_STATES, timer.times(0));
  }

  private void save() {
    int offset = 0;
    for (int s = first; s < end; s++) {
      float[] state = learner.state(s);
      int size = plan.work().stateSize(s);
      System.arraycopy(state, 0, states, offset, state.length);
      Arrays.fill(states, offset + state.length, offset + size, 0f);
      offset += size;
    }
  }

  private void restore(float[] from) {
    int offset = 0;
    for (int s = first; s < end; s++) {
      int size = plan.work().stateSize(s);
      learner.restore(s, Arrays.copyOfRange(from, offset, offset + size));
      offset += size;
    }
  }
}
