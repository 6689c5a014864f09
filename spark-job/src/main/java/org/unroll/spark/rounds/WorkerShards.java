// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.train.Evaluation;
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
  private final ShardHost host;
  private final int parameters;
  private final ShardTree tree;
  private final float[] states;

  /** Reads the data of a worker's shards. */
  WorkerShards(WorkerPlan plan, int worker) {
    this.plan = plan;
    first = plan.firstShard(worker);
    end = plan.firstShard(worker + 1);
    nodes = plan.nodes(worker);
    host = plan.work().open(first, end);
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
      host.setParams(command.params());
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
      host.gradient(s, window, sum);
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
      evaluations.add(host.evaluate(s, split));
    }
    return new Contribution(round, List.of(), evaluations, Contribution.NO_STATES, timer.times(0));
  }

  private void save() {
    int offset = 0;
    for (int s = first; s < end; s++) {
      host.save(s, states, offset);
      offset += plan.work().stateSize(s);
    }
  }

  private void restore(float[] from) {
    int offset = 0;
    for (int s = first; s < end; s++) {
      host.restore(s, from, offset);
      offset += plan.work().stateSize(s);
    }
  }
}
