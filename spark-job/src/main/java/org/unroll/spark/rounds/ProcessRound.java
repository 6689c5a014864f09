// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;

/**
 * What the workers of a process that got one command together answer together: their sums are added
 * as far as the canonical tree allows, so that a process sends once, however many workers it has.
 */
final class ProcessRound {
  /** A contribution as it is sent. */
  record Outgoing(Messages.ContributionHead head, List<Segment> floats) {}

  private final WorkerPlan plan;
  private final long round;
  private final Set<NetworkLink> awaited;
  private final List<Messages.Share> shares = new ArrayList<>();
  private final List<Evaluation> evaluations = new ArrayList<>();
  private final List<float[]> states = new ArrayList<>();
  private final ShardTree tree;
  private final long encode;
  private long adding;

  /**
   * A round before the first contribution.
   *
   * @param encode nanoseconds that the contribution before took to become bytes
   */
  ProcessRound(WorkerPlan plan, long round, List<NetworkLink> members, long encode) {
    this.encode = encode;
    this.plan = plan;
    this.round = round;
    awaited = new HashSet<>(members);
    tree = new ShardTree(plan.work().shards(), plan.work().wire());
  }

  /** Adds what a member contributes; returns all of it when nobody is missing, otherwise null. */
  synchronized Outgoing add(NetworkLink link, Contribution contribution) {
    shares.add(new Messages.Share(link.member, link.worker, contribution.times()));
    evaluations.addAll(contribution.evaluations());
    if (!contribution.sums().isEmpty()) {
      states.add(contribution.states());
      long start = System.nanoTime();
      List<ShardTree.Node> nodes = plan.nodes(link.worker);
      for (int i = 0; i < nodes.size(); i++) {
        // Two attempts of a worker may be in one process for a while; their sums are the same.
        if (!tree.contains(nodes.get(i))) {
          tree.add(nodes.get(i), contribution.sums().get(i));
        }
      }
      adding += System.nanoTime() - start;
    }
    awaited.remove(link);
    return awaited.isEmpty() ? outgoing() : null;
  }

  /** A member is gone; returns what there is if it was the last that was missing. */
  synchronized Outgoing leave(NetworkLink link) {
    return awaited.remove(link) && awaited.isEmpty() && !shares.isEmpty() ? outgoing() : null;
  }

  private Outgoing outgoing() {
    List<Messages.NodeSum> sums = new ArrayList<>();
    List<Segment> floats = new ArrayList<>();
    for (Map.Entry<ShardTree.Node, WeightedSum> entry : tree.pending().entrySet()) {
      int[] runs = Runs.of(entry.getValue().parts());
      sums.add(new Messages.NodeSum(entry.getKey(), entry.getValue().loss(), runs));
      Wire wire = plan.wire(entry.getKey());
      floats.addAll(Segment.of(entry.getValue().parts().values(), runs, wire));
    }
    states.forEach(state -> floats.add(Segment.of(state, Wire.FP32)));
    return new Outgoing(
        new Messages.ContributionHead(
            round,
            shares.stream().map(share -> share.with(encode, adding)).toList(),
            sums,
            List.copyOf(evaluations)),
        floats);
  }
}
