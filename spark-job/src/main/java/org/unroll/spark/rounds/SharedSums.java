// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's side of sums that executors share, over all rounds of a run: which round is at work
 * like that, and whether the executors' links hold well enough to go on with it. Guarded by the
 * lock of {@link RoundHub}.
 */
final class SharedSums {
  private static final Logger LOG = LoggerFactory.getLogger(SharedSums.class);

  /** So many rounds in a row may break before executors share none any more. */
  private static final int MOST_BROKEN = 5;

  private final WorkerPlan plan;

  /** The round at work where executors share its sums; null where the driver adds them. */
  private SharedRound shared;

  /** The rounds in a row that executors began to share and whose links broke. */
  private int broken;

  SharedSums(WorkerPlan plan) {
    this.plan = plan;
  }

  /** Returns whether these workers' executors are to share sums, and can. */
  boolean wanted(Collection<Session> sessions) {
    return broken < MOST_BROKEN && SharedRound.wanted(plan, peers(sessions));
  }

  private static List<Session.Peer> peers(Collection<Session> sessions) {
    return sessions.stream().map(session -> session.peer).distinct().toList();
  }

  /**
   * Tells executors who adds what in a round, before its command is delivered.
   *
   * @param sessions one for each worker, all of which wait for a command
   * @param version of the parameters
   * @param changed which parameters are others than in the version before; none if it is the same
   * @return whether they share it
   */
  boolean begin(Collection<Session> sessions, Command command, long version, int[] changed) {
    if (broken < MOST_BROKEN) {
      shared = SharedRound.of(plan, sessions, command, version, command.round(), changed);
    }
    if (shared != null) {
      shared.owners().forEach(Session.Peer::share);
    }
    return shared != null;
  }

  /** Returns whether executors share the round at work. */
  boolean areShared() {
    return shared != null;
  }

  /** Returns which parameters travel in the shared round at work. */
  int[] changed() {
    return shared.changed;
  }

  /**
   * Holds what a session contributes to the shared round at work.
   *
   * @return all that count from now on, in the order in which they came: none before it is whole
   */
  Map<Session, Contribution> hold(Session session, Contribution contribution) {
    shared.hold(session, contribution);
    return takeWhole();
  }

  /** Takes that the total over an executor's span has come; returns the same as {@link #hold}. */
  Map<Session, Contribution> total(Session.Peer peer) {
    shared.total(peer);
    return takeWhole();
  }

  private Map<Session, Contribution> takeWhole() {
    if (!shared.isWhole()) {
      return Map.of();
    }
    Map<Session, Contribution> all = shared.held();
    shared = null;
    broken = 0;
    return all;
  }

  /** Notes that executors cannot finish the round at work among themselves. */
  void broken(String reason) {
    broken++;
    if (broken == MOST_BROKEN) {
      LOG.warn(
          "executors could not share the sums of {} rounds in a row; the driver adds them from"
              + " here on ({}). Executors connect to each other: see that they can, or name a port"
              + " that is open (--conf {}=7091)",
          broken,
          reason,
          Transport.EXECUTOR_PORT);
    }
  }

  /**
   * Goes on with a round that executors share as with any other: those who are left send to the
   * driver what they have. Sessions whose contributions were held are at work again.
   *
   * @param sessions that are left
   * @param version of the parameters
   * @return false if they do not share the round at work
   */
  boolean leaveToDriver(
      Collection<Session> sessions, Command command, long version, String reason) {
    if (shared == null) {
      return false;
    }
    SharedRound left = shared;
    shared = null;
    LOG.info("the driver adds the sums of round {}: {}", command.round(), reason);
    left.held().keySet().forEach(session -> session.idle = false);
    left.peers().retainAll(peers(sessions));
    for (Session.Peer peer : left.peers()) {
      peer.recall(command, peer.isConfirmed(version) ? Runs.NONE : left.changed);
    }
    return true;
  }

  /** Forgets the round at work. */
  void end() {
    shared = null;
  }
}
