// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.cluster.Slots;

/**
 * The hub brings the driver and its workers together: sessions join, contribute and leave; the
 * driver begins a round and takes the contributions as they come. It knows no network, and keeps
 * three things apart: who is present, who has contributed to the current round (both {@link
 * HubWorker}), and which process has which parameters ({@link Session.Peer}).
 *
 * <p>A worker counts once a round, whichever of its sessions comes first. A session that comes late
 * is told the current command with all its numbers, so that it is as good as new. The states are
 * those of the last round a worker was counted in; so a worker that is started again goes on where
 * its shards stand.
 */
final class RoundHub {
  private static final Logger LOG = LoggerFactory.getLogger(RoundHub.class);
  private static final long CHECK_MILLIS = 500;

  private final WorkerPlan plan;
  private final Supplier<Duration> patience;
  private final IntSupplier freeSlots;
  private final List<HubWorker> workers;

  /** The states of all shards after the last training round that counted; empty at first. */
  private final List<float[]> states;

  private final List<Session> sessions = new ArrayList<>();
  private final Deque<Contribution> arrivals = new ArrayDeque<>();
  private final JobFailures failures = new JobFailures();
  private final SharedSums sums;
  private Command current = Command.STOP;
  private long round;
  private long paramsVersion;
  private int[] latestChange = Runs.NONE;
  private boolean stopped;
  private RuntimeException failure;

  /** A worker over all its attempts. */
  private static final class HubWorker {
    final int number;

    /** The sessions that have joined and not left. */
    int sessions;

    /** The attempts that Spark runs, as far as it has told; they may not have joined yet. */
    int attempts;

    /** True while Spark runs no attempt any more, so that sessions which stay open mean nothing. */
    boolean gone;

    long absentSince = System.nanoTime();

    /** True when its contribution to the current round has come, and before the first round. */
    boolean contributed = true;

    /** Counts the changes of the states of its shards. */
    long statesVersion;

    String lastWords;

    HubWorker(int number) {
      this.number = number;
    }

    boolean isPresent() {
      return sessions > 0 && !gone;
    }

    boolean isAbsentFor(Duration patience) {
      return !isPresent() && System.nanoTime() - absentSince > patience.toNanos();
    }
  }

  /**
   * Makes a hub without workers.
   *
   * @param patience how long a worker may be absent before the run is given up, and how long
   *     nothing may happen while workers start
   * @param freeSlots tells how many tasks Spark's executors could run beside those they run
   */
  RoundHub(WorkerPlan plan, Supplier<Duration> patience, IntSupplier freeSlots) {
    this.plan = plan;
    this.patience = patience;
    this.freeSlots = freeSlots;
    sums = new SharedSums(plan);
    states = plan.noStates();
    workers = IntStream.range(0, plan.workers()).mapToObj(HubWorker::new).toList();
  }

  /** Takes a session that is there and waits for its first command. */
  synchronized void join(Session session) {
    sessions.add(session);
    HubWorker worker = workers.get(session.worker);
    worker.sessions++;
    worker.lastWords = null;
    session.idle = true;
    disturb(plan.name(session.worker) + " joined");
    offer(session);
    session.peer.flush();
    notifyAll();
  }

  /**
   * Takes what a session contributes to a round that executors share, whose sums are on their way
   * to their owners. Where the driver has come to add them, it will come again with its sums.
   */
  synchronized void hold(Session session, Contribution contribution) {
    if (contribution.round() == round && sums.areShared()) {
      session.idle = true;
      session.peer.confirm(paramsVersion);
      sums.hold(session, contribution).forEach(this::count);
    }
  }

  /** Takes what a session contributes, which waits for the next command from here on. */
  synchronized void contribute(Session session, Contribution contribution) {
    session.idle = true;
    HubWorker worker = workers.get(session.worker);
    // It is alive, whatever Spark has told.
    worker.gone = false;
    if (contribution.round() == round && !worker.contributed) {
      session.peer.confirm(paramsVersion);
      count(session, contribution);
    } else {
      session.statesVersion = Session.UNKNOWN;
    }
    offer(session);
    session.peer.flush();
  }

  private void count(Session session, Contribution contribution) {
    HubWorker worker = workers.get(session.worker);
    worker.contributed = true;
    if (current.kind() == Command.Kind.TRAIN) {
      keep(contribution.states(), plan.statesOf(worker.number, states));
      session.statesVersion = ++worker.statesVersion;
    }
    arrivals.add(contribution);
    notifyAll();
  }

  /** Takes that the total over an executor's span has come, of a round that executors share. */
  synchronized void total(Session.Peer peer, long ofRound) {
    if (ofRound == round && sums.areShared()) {
      sums.total(peer).forEach(this::count);
    }
  }

  /** Takes that executors cannot finish a round among themselves. */
  synchronized void broken(long ofRound, String reason) {
    if (ofRound == round && sums.areShared()) {
      sums.broken(reason);
      disturb(reason);
    }
  }

  private void disturb(String reason) {
    if (sums.leaveToDriver(sessions, current, paramsVersion, reason)) {
      offerAll();
    }
  }

  /** Returns where every worker's shards stand after the last training round. */
  synchronized List<float[]> states() {
    return copy(states);
  }

  private static List<float[]> copy(List<float[]> some) {
    return some.stream().map(float[]::clone).toList();
  }

  /** Copies states into the arrays that are there; those of the first round are new. */
  private static void keep(List<float[]> latest, List<float[]> into) {
    for (int s = 0; s < into.size(); s++) {
      if (into.get(s).length == 0) {
        into.set(s, latest.get(s).clone());
      } else {
        System.arraycopy(latest.get(s), 0, into.get(s), 0, latest.get(s).length);
      }
    }
  }

  /** Has the workers go on from other states, which their next command brings them. */
  synchronized void restore(List<float[]> byShard) {
    keep(plan.requireStates(byShard), states);
    workers.forEach(w -> w.statesVersion++);
  }

  /** Takes leave of a session that ended or was lost; its worker may come again. */
  synchronized void leave(Session session) {
    if (!sessions.remove(session)) {
      return;
    }
    if (!stopped) {
      disturb(plan.name(session.worker) + " is gone");
    }
    HubWorker worker = workers.get(session.worker);
    boolean last = --worker.sessions == 0;
    if (last && !worker.gone) {
      worker.absentSince = System.nanoTime();
    }
    if (last && !stopped && failure == null && worker.lastWords == null) {
      LOG.warn(
          "{} on {} was lost in round {}", plan.name(worker.number), session.peer.where(), round);
    }
  }

  /**
   * Notes that Spark runs so many attempts of a worker now. Where it runs none, the worker is
   * absent even if its connections stay open; one that has just been started is waited for.
   */
  synchronized void attempts(int number, int running) {
    HubWorker worker = workers.get(number);
    boolean none = running <= 0;
    if (!none || worker.isPresent()) {
      worker.absentSince = System.nanoTime();
    }
    worker.attempts = running;
    worker.gone = none;
    if (none) {
      disturb(plan.name(number) + " runs no more");
    }
    notifyAll();
  }

  /**
   * Takes the last words of a session that cannot go on.
   *
   * @param input whether the data are to blame, so that another attempt would fail in the same way
   */
  synchronized void report(Session session, boolean input, String message) {
    if (input) {
      fail(new InputException(message));
    } else {
      String words =
          plan.name(session.worker) + " failed on " + session.peer.where() + ": " + message;
      workers.get(session.worker).lastWords = words;
      LOG.warn(words);
    }
  }

  /**
   * Takes the end of the workers' Spark job, without or with an exception.
   *
   * @return whether to submit it again; otherwise no worker will come any more
   */
  synchronized boolean jobEnded(Exception cause) {
    if (stopped || failure != null) {
      return false;
    }
    for (HubWorker worker : workers) {
      if (worker.lastWords != null) {
        fail(new ClusterException(worker.lastWords, cause));
        return false;
      }
    }
    if (cause != null && failures.again(round, cause)) {
      LOG.warn("Spark gave up in round {}; the workers start again", round);
      return true;
    }
    String reason =
        cause == null ? "its tasks ended" : JobFailures.describe(cause) + JobFailures.advice(cause);
    fail(new ClusterException("the workers' Spark job is over: " + reason, cause));
    return false;
  }

  private void fail(RuntimeException reason) {
    if (failure == null) {
      failure = reason;
      notifyAll();
    }
  }

  synchronized boolean isHealthy() {
    return failure == null;
  }

  /**
   * Waits until every worker has joined, as long as the cluster gets on: executors come, tasks are
   * started, workers join.
   *
   * @throws InputException if executors with enough slots do not come
   * @throws ClusterException if they are there, but do not start the workers
   */
  synchronized void awaitWorkers() {
    long progress = -1;
    long since = System.nanoTime();
    while (present() < plan.workers()) {
      requireHealthy();
      int slots = slots();
      long started = workers.stream().filter(w -> w.attempts > 0).count();
      if (slots + started + present() > progress) {
        progress = slots + started + present();
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience.get().toNanos()) {
        throw notStarted(slots);
      }
      await();
    }
  }

  /** Returns how many of the workers have a task slot or could have one now. */
  private int slots() {
    int running = workers.stream().mapToInt(w -> w.attempts).sum();
    return Math.max(0, Math.min(plan.workers(), freeSlots.getAsInt() + running));
  }

  private RuntimeException notStarted(int slots) {
    String started =
        "Only %s of %s workers started, and nothing has happened"
            .formatted(present(), plan.workers());
    String advice = Slots.patienceAdvice() + ".";
    if (slots == plan.workers()) {
      return new ClusterException(
          ("%s for %s s, although Spark's executors have a task slot for each. They are"
                  + " slow to start: see their logs and what else their machines do, or %s")
              .formatted(started, patience.get().toSeconds(), advice));
    }
    return new InputException(
        ("%s for %s s: Spark's executors have task slots for %s of them, and no other"
                + " executor has come. Either the cluster has no free cores for more: ask for at"
                + " most %s (--workers), or give Spark more cores. Or executors are on their way"
                + " and slow to start: %s")
            .formatted(started, patience.get().toSeconds(), slots, Math.max(1, slots), advice));
  }

  synchronized long present() {
    return workers.stream().filter(HubWorker::isPresent).count();
  }

  synchronized long nextRound() {
    return round + 1;
  }

  /**
   * Starts the {@link #nextRound}.
   *
   * @param command with parameters that stay as they are until all have contributed
   * @param changed which of them may be others than those of the round before (see {@link Runs})
   */
  synchronized void begin(Command command, int[] changed) {
    requireHealthy();
    current = command;
    round = command.round();
    if (changed.length > 0) {
      paramsVersion++;
      latestChange = changed;
    }
    arrivals.clear();
    workers.forEach(w -> w.contributed = false);
    share(changed);
    offerAll();
  }

  /** Has executors share the round that begins, if nobody is missing, twice there or at work. */
  private void share(int[] changed) {
    sums.end();
    boolean still =
        sessions.size() == workers.size()
            && workers.stream().allMatch(HubWorker::isPresent)
            && sessions.stream().allMatch(session -> session.idle);
    if (still && sums.begin(sessions, current, paramsVersion, changed)) {
      int[] travelling = sums.changed();
      latestChange = travelling.length > 0 ? travelling : latestChange;
    }
  }

  /** Returns whether executors share the sums of rounds as long as nobody comes or goes. */
  synchronized boolean shares() {
    return sums.wanted(sessions);
  }

  /** Returns how many processes the workers are in. */
  synchronized int processes() {
    return (int) sessions.stream().map(session -> session.peer).distinct().count();
  }

  private void offerAll() {
    sessions.forEach(this::offer);
    sessions.forEach(session -> session.peer.flush());
  }

  /** Tells a waiting session what is to be done, if there is something. */
  private void offer(Session session) {
    if (!session.idle) {
      return;
    }
    if (stopped) {
      session.idle = false;
      session.peer.deliver(session, Command.STOP);
    } else if (!workers.get(session.worker).contributed) {
      session.idle = false;
      session.peer.deliver(session, commandFor(session));
    }
  }

  private Command commandFor(Session session) {
    HubWorker worker = workers.get(session.worker);
    boolean hasStates = worker.statesVersion == 0 || session.statesVersion == worker.statesVersion;
    session.statesVersion = worker.statesVersion;
    List<float[]> newStates = hasStates ? null : copy(plan.statesOf(worker.number, states));
    if (session.peer.has(paramsVersion, round)) {
      return current.with(null, Runs.NONE, newStates);
    }
    boolean hasPrevious = session.peer.has(paramsVersion - 1, round);
    session.peer.sent(paramsVersion, round);
    int[] changed =
        hasPrevious || sums.areShared() ? latestChange : Runs.all(current.params().length);
    return current.with(current.params(), changed, newStates);
  }

  /** Waits for the next contribution of the current round, in order of arrival. */
  synchronized Contribution take() {
    while (arrivals.isEmpty()) {
      requireHealthy();
      workers.stream()
          .filter(w -> w.isAbsentFor(patience.get()))
          .findFirst()
          .ifPresent(w -> fail(new ClusterException(lost(w))));
      if (failure == null) {
        await();
      }
    }
    return arrivals.poll();
  }

  private String lost(HubWorker worker) {
    int slots = slots();
    String advice =
        slots < plan.workers()
            ? "Give Spark as many slots as there are workers: it has " + slots + " for them; or "
            : "Spark has a slot for each, so its executors are slow to start it: ";
    return "%s was lost and has not come back within %s s; %s of %s workers are running. "
            .formatted(
                plan.name(worker.number), patience.get().toSeconds(), present(), plan.workers())
        + advice
        + Slots.patienceAdvice();
  }

  private void requireHealthy() {
    if (failure != null) {
      throw failure;
    }
    if (stopped) {
      throw new IllegalStateException("the rounds were closed");
    }
  }

  private void await() {
    try {
      wait(CHECK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the workers", e);
    }
  }

  /** Tells every session to end, now or when it comes back. */
  synchronized void stop() {
    stopped = true;
    sums.end();
    offerAll();
  }
}
