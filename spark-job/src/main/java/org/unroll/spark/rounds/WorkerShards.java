// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.ShardTimer;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * The shards of one worker: carries out commands, and adds its shards' sums as far as the canonical
 * tree allows. All buffers are used again for every round. Not for use by two threads at a time.
 */
final class WorkerShards {
  private final WorkerPlan plan;
  private final int first;
  private final int end;
  private final List<ShardTree.Node> nodes;
  private final Learner learner;
  private final int parameters;
  private final ShardTree tree;
  private final float[] states;

  /** Reads the data of a worker's shards. */
  WorkerShards(WorkerPlan plan, int worker) {
    this.plan = plan;
    first = plan.firstShard(worker);
    end = plan.firstShard(worker + 1);
    nodes = plan.nodes(worker);
    learner = plan.work().open(first, end);
    parameters = plan.work().parameters();
    tree = new ShardTree(plan.work().shards(), plan.work().wire());
    states = new float[plan.stateSize(worker)];
  }

  /** The nodes of the sums in a contribution. */
  List<ShardTree.Node> nodes() {
    return nodes;
  }

  /** Carries out a command to train or to evaluate. */
  Contribution run(Command command) {
    ShardTimer timer = new ShardTimer();
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

  private Contribution gradient(long round, Window window, ShardTimer timer) {
    tree.clear();
    for (int s = first; s < end; s++) {
      WeightedSum sum = tree.take(parameters);
      timer.begin();
      learner.gradient(s, window, sum);
      timer.end(s);
      tree.add(tree.leaf(s), sum);
    }
    save();
    return new Contribution(
        round, List.copyOf(tree.pending().values()), List.of(), states, timer.times(0));
  }

  private Contribution evaluate(long round, Split split, ShardTimer timer) {
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
