// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;

/**
 * The rounds that an executor shares with others, as far as they have come here: the parameters
 * that others pass on, and the sums of the span that it owns. What comes late is of an older round
 * than the newest one known: it is read and forgotten.
 */
final class SpanRounds {
  private final WorkerPlan plan;
  private final float[] params;

  /** Held for writing while another round begins, and for reading while parameters are written. */
  private final ReadWriteLock gate = new ReentrantReadWriteLock();

  /** The newest round that is known; guarded by the gate. */
  private Turn newest = new Turn(0);

  /** Used again for every round with the same span; guarded by this. */
  private ShardTree tree;

  private Span treeSpan = Span.NONE;
  private volatile long adding;

  /** A round as far as it has come; guarded by itself. */
  static final class Turn {
    final long round;

    /** The spans of parameters that others have passed on. */
    private int passed;

    /** The sums of the own span, from the first that is known of them. */
    private ShardTree tree;

    private boolean sent;
    private LinkTime slowest = LinkTime.NONE;

    private Turn(long round) {
      this.round = round;
    }

    /** Takes how long something was on its way here. */
    synchronized void took(LinkTime time) {
      slowest = slowest.orSlower(time);
    }

    /** Takes that another has passed its parameters on. */
    synchronized void passed() {
      passed++;
    }

    /** Returns how many others have passed their parameters on so far. */
    synchronized int passes() {
      return passed;
    }
  }

  /**
   * Makes rounds of which nothing has come.
   *
   * @param params of the process, into which others' spans are written
   */
  SpanRounds(WorkerPlan plan, float[] params) {
    this.plan = plan;
    this.params = params;
  }

  /** Returns the nanoseconds that all threads together took to add the sums of the last total. */
  long adding() {
    return adding;
  }

  /** Returns the newest round that is known. */
  long newest() {
    gate.readLock().lock();
    try {
      return newest.round;
    } finally {
      gate.readLock().unlock();
    }
  }

  /**
   * Returns the round with this number, or null if a newer one is known. If it is the newest so
   * far, nothing is written any more of those before it.
   */
  Turn turn(long round) {
    gate.writeLock().lock();
    try {
      if (round > newest.round) {
        newest = new Turn(round);
      }
      return round == newest.round ? newest : null;
    } finally {
      gate.writeLock().unlock();
    }
  }

  /**
   * Returns what takes parameters that another passes on.
   *
   * @param turn of their round, or null if it is over
   */
  Exchange.Sink parameters(Command.Message message, Turn turn) {
    Runs.require(message.changed(), message.owners().span());
    List<Segment> segments = Segment.of(params, message.changed(), plan.wire(message.command()));
    return new Passed(turn, new Segment.Decoder(List.of(segments.iterator())));
  }

  /** Parameters that another passes on. Those of a round that is over are not written any more. */
  private final class Passed implements Exchange.Sink {
    private final Turn of;
    private final Segment.Decoder floats;

    Passed(Turn of, Segment.Decoder floats) {
      this.of = of;
      this.floats = floats;
    }

    @Override
    public void read(ByteBuffer bytes) {
      gate.readLock().lock();
      try {
        if (newest == of) {
          floats.read(bytes);
        } else {
          bytes.position(bytes.limit());
        }
      } finally {
        gate.readLock().unlock();
      }
    }

    @Override
    public boolean isComplete() {
      gate.readLock().lock();
      try {
        return newest != of || floats.isComplete();
      } finally {
        gate.readLock().unlock();
      }
    }
  }

  /**
   * Returns what takes the sums that somebody has of the own span.
   *
   * @param turn of their round, or null if it is over
   */
  Segment.Decoder sums(Contribution.Message message, Turn turn) {
    Span span = message.span();
    ShardTree into = turn == null ? newTree(span) : tree(turn, span);
    return message.decoder(plan, into, span.from(), share -> plan.newStates(share.worker()));
  }

  private ShardTree newTree(Span span) {
    return ShardTree.sliced(plan.work().shards(), span.size(), plan.work().wire());
  }

  /** Returns where the sums of a round are added; others may know the own span sooner. */
  private ShardTree tree(Turn turn, Span span) {
    synchronized (turn) {
      if (turn.tree == null) {
        turn.tree = treeOf(turn.round, span);
      }
      if (turn.tree.size() != span.size()) {
        throw new IllegalStateException(
            "%s elements are added here in round %s, but a sum has %s"
                .formatted(turn.tree.size(), turn.round, span.size()));
      }
      return turn.tree;
    }
  }

  private synchronized ShardTree treeOf(long round, Span span) {
    if (!span.equals(treeSpan)) {
      tree = newTree(span);
      treeSpan = span;
    }
    tree.begin(round);
    return tree;
  }

  /** Returns the total over the own span, once, when all sums of a round have come; else null. */
  JointContribution.Outgoing total(Turn turn, Span span) {
    LinkTime slowest;
    synchronized (turn) {
      if (turn.sent || !turn.tree.isComplete()) {
        return null;
      }
      turn.sent = true;
      slowest = turn.slowest;
    }
    adding = turn.tree.adding();
    WeightedSum total = turn.tree.total();
    int[] runs = Runs.of(total.parts());
    List<Segment> floats = Segment.of(total.parts().values(), runs, plan.wire(plan.root()));
    for (int r = 0; r < runs.length; r++) {
      runs[r] += span.from();
    }
    Contribution.NodeSum sum = new Contribution.NodeSum(plan.root(), total.loss(), runs);
    return new JointContribution.Outgoing(
        new Contribution.Message(turn.round, span, List.of(), List.of(sum), slowest), floats);
  }
}
