// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The driver's side of a round whose sums executors share. It counts as a whole or not at all:
 * contributions are held until those of all workers and the totals of all owners have come. If
 * anybody comes or goes before, the round goes on as one whose sums the driver adds, for which all
 * who still have theirs send them again; so an owner that is lost takes nothing with it that is not
 * somewhere else or computed again. Guarded by the lock of {@link RoundHub}.
 */
final class SharedRound {
  /** Which parameters are others than those of the round before. */
  final int[] changed;

  private final Map<Session.Peer, Span> spans = new LinkedHashMap<>();
  private final Set<Session.Peer> owing = new HashSet<>();
  private final Map<Session, Contribution> held = new LinkedHashMap<>();
  private final int sessions;

  private SharedRound(Collection<Session> sessions, int parameters, boolean trains, int[] changed) {
    this.changed = changed;
    this.sessions = sessions.size();
    Set<Session.Peer> peers = new LinkedHashSet<>();
    sessions.forEach(session -> peers.add(session.peer));
    List<Span> cut = Span.cut(parameters, peers.size());
    int next = 0;
    for (Session.Peer peer : peers) {
      Span span = next < cut.size() ? cut.get(next) : Span.NONE;
      next++;
      spans.put(peer, span);
      if (trains && span.size() > 0) {
        owing.add(peer);
      }
    }
  }

  /**
   * Returns a round that the executors of sessions share, or null if they cannot or need not.
   *
   * @param sessions one for each worker, all of which wait for a command
   * @param version of the parameters
   * @param round its number
   * @param changed which parameters are others than in the version before; none if it is the same
   */
  static SharedRound of(
      WorkerPlan plan,
      Collection<Session> sessions,
      Command command,
      long version,
      long round,
      int[] changed) {
    boolean trains = command.kind() == Command.Kind.TRAIN;
    if (!trains && changed.length == 0) {
      return null;
    }
    List<Session.Peer> peers = sessions.stream().map(s -> s.peer).distinct().toList();
    if (!wanted(plan, peers)) {
      return null;
    }
    if (changed.length == 0) {
      boolean all = peers.stream().allMatch(peer -> peer.has(version, round));
      return all ? new SharedRound(sessions, plan.parameters(), true, changed) : null;
    }
    boolean all = peers.stream().allMatch(peer -> peer.has(version - 1, round));
    int[] travelling = all ? changed : Runs.all(plan.parameters());
    return new SharedRound(sessions, plan.parameters(), trains, travelling);
  }

  /** Returns whether these executors are to share sums, and can. */
  static boolean wanted(WorkerPlan plan, List<Session.Peer> peers) {
    boolean possible =
        plan.sum() != SumKind.DRIVER
            && peers.size() > 1
            && Span.cut(plan.parameters(), peers.size()).size() > 1
            && peers.stream().noneMatch(peer -> peer.address().equals(Transport.Address.NOWHERE));
    return possible
        && (plan.sum() == SumKind.SHARED
            || peers.size() >= SumKind.EXECUTORS
                && plan.gradientBytes() >= SumKind.BYTES
                && !peers.stream().allMatch(Session.Peer::isNear));
  }

  /** Returns what each executor that takes part is told of all. */
  Map<Session.Peer, Owners> owners() {
    List<Owners.Owner> all = new ArrayList<>();
    spans.forEach((peer, span) -> all.add(new Owners.Owner(peer.address(), span)));
    Map<Session.Peer, Owners> owners = new LinkedHashMap<>();
    spans.keySet().forEach(peer -> owners.put(peer, told(List.copyOf(all), owners.size())));
    return owners;
  }

  private Owners told(List<Owners.Owner> all, int self) {
    return new Owners(all, self, changed.length > 0);
  }

  /** Returns the executors that take part. */
  Set<Session.Peer> peers() {
    return spans.keySet();
  }

  /** Holds what a session contributes until the round is whole. */
  void hold(Session session, Contribution contribution) {
    held.put(session, contribution);
  }

  /** Takes that the total over an executor's span has come. */
  void total(Session.Peer peer) {
    owing.remove(peer);
  }

  boolean isWhole() {
    return owing.isEmpty() && held.size() == sessions;
  }

  /** Returns the contributions in the order in which they came. */
  Map<Session, Contribution> held() {
    return held;
  }
}
