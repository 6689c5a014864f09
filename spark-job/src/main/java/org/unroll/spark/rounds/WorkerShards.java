// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.WorkerTimes;

/**
 * Carries out commands on the shards of one worker, and adds their sums as far as the canonical
 * tree allows. All buffers are used again for every round. Not for use by two threads at a time.
 */
final class WorkerShards {
  private final WorkerPlan plan;
  private final int worker;
  private final int first;
  private final int end;
  private final Learner learner;
  private final ShardTree tree;

  /** Reads the data of a worker's shards. */
  WorkerShards(WorkerPlan plan, int worker) {
    this.plan = plan;
    this.worker = worker;
    first = plan.firstShard(worker);
    end = plan.firstShard(worker + 1);
    learner = plan.work().open(first, end);
    tree = plan.wholeTree();
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
    boolean trains = command.kind() == Command.Kind.TRAIN;
    List<WeightedSum> sums = trains ? gradient(command, timer) : List.of();
    List<Evaluation> parts =
        trains
            ? sums.stream().map(sum -> Evaluation.of(sum.loss())).toList()
            : IntStream.range(first, end)
                .mapToObj(shard -> learner.evaluate(shard, command.split()))
                .toList();
    Contribution.Share share = new Contribution.Share(0, worker, timer.times(0), parts);
    List<float[]> states =
        trains ? IntStream.range(first, end).mapToObj(this::state).toList() : List.of();
    return new Contribution(command.round(), share, sums, states);
  }

  private List<WeightedSum> gradient(Command command, WorkerTimes.Timer timer) {
    tree.begin(command.round());
    for (int s = first; s < end; s++) {
      WeightedSum sum = tree.take();
      timer.begin();
      learner.gradient(s, command.window(), sum);
      timer.end(s);
      tree.add(ShardTree.Node.of(s), sum);
    }
    return List.copyOf(tree.pending().values());
  }

  /** Returns the state of a shard, which is all zeros where nothing has been computed. */
  private float[] state(int shard) {
    float[] state = learner.state(shard);
    return state.length == 0 ? new float[plan.work().stateSize(shard)] : state;
  }

  private void restore(List<float[]> states) {
    for (int s = first; s < end; s++) {
      float[] state = states.get(s - first);
      if (state.length > 0) {
        learner.restore(s, state);
      }
    }
  }
}
