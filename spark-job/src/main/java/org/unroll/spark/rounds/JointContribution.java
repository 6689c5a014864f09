// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;

/**
 * A joint contribution is what several workers answer to one command together: the members of a
 * process, or those of a group of tasks. Their sums are added as far as the canonical tree allows,
 * so that a process sends once, however many workers it has.
 */
final class JointContribution {
  /** A joint contribution as it travels. */
  record Outgoing(Contribution.Message message, List<Segment> floats) {}

  private final WorkerPlan plan;
  private final long round;
  private final Set<Integer> awaited;
  private final ShardTree tree;
  private final List<Contribution.Share> shares = new ArrayList<>();
  private final List<float[]> states = new ArrayList<>();

  /**
   * Makes one to which nobody has contributed yet.
   *
   * @param members that are waited for
   */
  JointContribution(WorkerPlan plan, long round, Collection<Integer> members) {
    this.plan = plan;
    this.round = round;
    awaited = new HashSet<>(members);
    tree = plan.wholeTree();
    tree.begin(round);
  }

  /** Adds what a member contributes; returns whether nobody is missing any more. */
  synchronized boolean add(int member, Contribution contribution) {
    shares.add(contribution.share().of(member));
    if (!contribution.sums().isEmpty()) {
      states.addAll(contribution.states());
      List<ShardTree.Node> nodes = plan.nodes(contribution.share().worker());
      for (int i = 0; i < nodes.size(); i++) {
        // Two attempts of a worker may be in one process for a while: their sums count once.
        tree.add(nodes.get(i), contribution.sums().get(i));
      }
    }
    awaited.remove(member);
    return awaited.isEmpty();
  }

  /** Adds what others have contributed together, which has travelled. */
  synchronized void add(Contribution.Message message, Segment.Packed floats) {
    floats.unpack(
        message.decoder(
            plan,
            tree,
            0,
            share -> {
              List<float[]> own = plan.newStates(share.worker());
              states.addAll(own);
              return own;
            }));
    shares.addAll(message.shares());
  }

  /** Gives up a member; returns whether it was the last that was missing of those that answer. */
  synchronized boolean leave(int member) {
    return awaited.remove(member) && awaited.isEmpty() && !shares.isEmpty();
  }

  /** Returns whether there are no sums, as of an evaluation. */
  synchronized boolean isEvaluation() {
    return tree.pending().isEmpty();
  }

  /** Returns the nanoseconds that it took to add the sums. */
  long adding() {
    return tree.adding();
  }

  /** Returns all that was added, of which the arrays are lent. */
  Outgoing outgoing() {
    return outgoing(Span.all(plan.parameters()), true);
  }

  /** Returns what the owner of a span adds of it: those sums alone. */
  Outgoing part(Span span) {
    return outgoing(span, false);
  }

  /** Returns what the driver needs where others add the sums: shares and states alone. */
  Outgoing shares() {
    return outgoing(Span.NONE, true);
  }

  private synchronized Outgoing outgoing(Span span, boolean all) {
    List<Contribution.NodeSum> sums = new ArrayList<>();
    List<Segment> floats = new ArrayList<>();
    for (Map.Entry<ShardTree.Node, WeightedSum> entry : tree.pending().entrySet()) {
      ShardTree.Node node = entry.getKey();
      WeightedSum sum = entry.getValue();
      int[] runs = Runs.within(Runs.of(sum.parts()), span);
      sums.add(new Contribution.NodeSum(node, sum.loss(), runs));
      floats.addAll(Segment.of(sum.parts().values(), runs, plan.wire(node)));
    }
    if (all) {
      floats.addAll(Segment.of(states));
    }
    List<Contribution.Share> told = all ? List.copyOf(shares) : List.of();
    return new Outgoing(new Contribution.Message(round, span, told, sums), floats);
  }
}
