// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.spark.cluster.StartTimeout;

/**
 * Who has contributed to the current round, who waits for the next command, and where every
 * worker's shards stand. Knows no network: sessions join, contribute and leave; the driver begins a
 * round and takes the contributions as they come.
 *
 * <p>A worker counts once a round, whichever of its sessions comes first. A session that comes late
 * is told the current command with all its numbers, so that it is as good as new. The states are
 * those of the last round a worker was counted in; so a worker that is started again goes on where
 * its shards stand.
 */
final class RoundHub {
  private static final Logger LOG = LoggerFactory.getLogger(RoundHub.class);
  private static final long CHECK_MILLIS = 500;

  /** A contribution that counts. */
  record Arrival(int worker, Contribution contribution) {}

  private final WorkerPlan plan;
  private final Duration patience;
  private final List<Session> sessions = new ArrayList<>();
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private final boolean[] counted;
  private final float[][] states;
  private final long[] statesVersion;
  private final int[] present;
  private final long[] absentSince;
  private final String[] reports;
  private final boolean[] gone;
  private final Restarts restarts = new Restarts();
  private Command current = Command.STOP;
  private long round;
  private long paramsVersion;
  private int[] latestChange = Runs.NONE;
  private boolean stopped;
  private RuntimeException failure;

  /**
   * A hub without workers.
   *
   * @param patience how long a worker may be absent before the run is given up
   */
  RoundHub(WorkerPlan plan, Duration patience) {
    this.plan = plan;
    this.patience = patience;
    int workers = plan.workers();
    counted = new boolean[workers];
    Arrays.fill(counted, true);
    states = new float[workers][];
    statesVersion = new long[workers];
    present = new int[workers];
    absentSince = new long[workers];
    Arrays.fill(absentSince, System.nanoTime());
    reports = new String[workers];
    gone = new boolean[workers];
  }

  /** A session is there and waits for its first command. */
  synchronized void join(Session session) {
    sessions.add(session);
    present[session.worker]++;
    reports[session.worker] = null;
    session.idle = true;
    offer(session);
    session.flush();
    notifyAll();
  }

  /** A session has carried out its command and waits for the next. */
  synchronized void contribute(Session session, Contribution contribution) {
    session.idle = true;
    int worker = session.worker;
    gone[worker] = false;
    if (contribution.round() == round && !counted[worker]) {
      counted[worker] = true;
      session.holding.confirmed = session.holding.paramsVersion == paramsVersion;
      if (current.kind() == Command.Kind.TRAIN) {
        keepStates(session, contribution.states());
      }
      arrivals.add(new Arrival(worker, contribution));
      notifyAll();
    } else {
      session.statesVersion = Session.UNKNOWN;
    }
    offer(session);
    session.flush();
  }

  private void keepStates(Session session, float[] latest) {
    int worker = session.worker;
    if (states[worker] == null) {
      states[worker] = latest.clone();
    } else {
      System.arraycopy(latest, 0, states[worker], 0, latest.length);
    }
    session.statesVersion = ++statesVersion[worker];
  }

  /** Where every worker's shards stand after the last training round. */
  synchronized List<float[]> states() {
    return plan.statesByShard(states);
  }

  /** Has the workers go on from other states, which their next command brings them. */
  synchronized void restore(List<float[]> byShard) {
    float[][] restored = plan.statesByWorker(byShard);
    for (int w = 0; w < restored.length; w++) {
      states[w] = restored[w];
      statesVersion[w]++;
    }
  }

  /** A session ended or was lost; its worker may come again. */
  synchronized void leave(Session session) {
    if (sessions.remove(session) && --present[session.worker] == 0) {
      if (!gone[session.worker]) {
        absentSince[session.worker] = System.nanoTime();
      }
      if (!stopped && failure == null && reports[session.worker] == null) {
        LOG.warn(
            "{} on {} was lost in round {}", plan.name(session.worker), session.where(), round);
      }
    }
  }

  /**
   * Spark runs so many attempts of a worker now. Where it runs none, the worker is absent even if
   * its connections stay open; one that has just been started is waited for.
   */
  synchronized void attempts(int worker, int running) {
    boolean none = running <= 0;
    if (!none || !isAbsent(worker)) {
      absentSince[worker] = System.nanoTime();
    }
    gone[worker] = none;
    notifyAll();
  }

  /**
   * A session cannot go on.
   *
   * @param input whether the data are to blame, so that another attempt would fail in the same way
   */
  synchronized void report(Session session, boolean input, String message) {
    if (input) {
      fail(new InputException(message));
    } else {
      reports[session.worker] =
          plan.name(session.worker) + " failed on " + session.where() + ": " + message;
      LOG.warn(reports[session.worker]);
    }
  }

  /**
   * The workers' Spark job is over, without or with an exception.
   *
   * @return whether to submit it again; otherwise no worker will come any more
   */
  synchronized boolean jobEnded(Exception cause) {
    if (stopped || failure != null) {
      return false;
    }
    for (String report : reports) {
      if (report != null) {
        fail(new WorkerFailedException(report, cause));
        return false;
      }
    }
    if (cause != null && restarts.again(round, cause)) {
      LOG.warn("Spark gave up in round {}; the workers start again", round);
      return true;
    }
    String reason =
        cause == null ? "its tasks ended" : JobFailures.describe(cause) + JobFailures.advice(cause);
    fail(new WorkerFailedException("the workers' Spark job is over: " + reason, cause));
    return false;
  }

  private void fail(RuntimeException reason) {
    if (failure == null) {
      failure = reason;
      notifyAll();
    }
  }

  /** Whether nothing has failed so far. */
  synchronized boolean isHealthy() {
    return failure == null;
  }

  /**
   * Waits until every worker has joined.
   *
   * @throws InputException if some have not within the hub's patience
   */
  synchronized void awaitWorkers() {
    while (here() < plan.workers()) {
      requireHealthy();
      if (absentTooLong() >= 0) {
        throw notStarted();
      }
      await();
    }
  }

  private InputException notStarted() {
    return new InputException(
        "Only "
            + here()
            + " of "
            + plan.workers()
            + " workers started within "
            + patience.toSeconds()
            + " s, so Spark has too few free task slots for them. Ask for at most "
            + Math.max(1, here())
            + " (--workers), give Spark more cores, or "
            + StartTimeout.advice()
            + ".");
  }

  private int here() {
    return (int) IntStream.range(0, present.length).filter(w -> !isAbsent(w)).count();
  }

  private boolean isAbsent(int worker) {
    return present[worker] == 0 || gone[worker];
  }

  /** A worker that has been absent for longer than the patience, or -1. */
  private int absentTooLong() {
    for (int w = 0; w < present.length; w++) {
      if (isAbsent(w) && System.nanoTime() - absentSince[w] > patience.toNanos()) {
        return w;
      }
    }
    return -1;
  }

  /**
   * Starts a round in which every worker trains.
   *
   * @param params that stay as they are until all have contributed
   * @param changed which of them may be others than those of the round before (see {@link Runs})
   */
  synchronized void train(Window window, float[] params, int[] changed) {
    begin(Command.train(round + 1, window, params), changed);
  }

  /** Starts a round in which every worker evaluates. */
  synchronized void evaluate(Split split, float[] params, int[] changed) {
    begin(Command.evaluate(round + 1, split, params), changed);
  }

  /** The number of the round that is started next. */
  synchronized long nextRound() {
    return round + 1;
  }

  private void begin(Command command, int[] changed) {
    requireHealthy();
    current = command;
    round = command.round();
    if (changed.length > 0) {
      paramsVersion++;
      latestChange = changed;
    }
    arrivals.clear();
    Arrays.fill(counted, false);
    offerAll();
  }

  private void offerAll() {
    sessions.forEach(this::offer);
    sessions.forEach(Session::flush);
  }

  /** Tells a waiting session what is to be done, if there is something. */
  private void offer(Session session) {
    if (!session.idle) {
      return;
    }
    if (stopped) {
      session.idle = false;
      session.deliver(Command.STOP);
    } else if (!counted[session.worker]) {
      session.idle = false;
      session.deliver(commandFor(session));
    }
  }

  private Command commandFor(Session session) {
    int worker = session.worker;
    boolean hasStates = session.statesVersion == statesVersion[worker];
    session.statesVersion = statesVersion[worker];
    float[] newStates = hasStates || states[worker] == null ? null : states[worker].clone();
    if (session.holding.has(paramsVersion, round)) {
      return current.with(null, Runs.NONE, newStates);
    }
    boolean hasPrevious = session.holding.has(paramsVersion - 1, round);
    session.holding.paramsVersion = paramsVersion;
    session.holding.sentInRound = round;
    session.holding.confirmed = false;
    int[] changed = hasPrevious ? latestChange : Runs.all(current.params().length);
    return current.with(current.params(), changed, newStates);
  }

  /** Waits for the next contribution of the current round, in order of arrival. */
  synchronized Arrival take() {
    while (arrivals.isEmpty()) {
      requireHealthy();
      int absent = absentTooLong();
      if (absent >= 0) {
        fail(
            new WorkerFailedException(
                plan.name(absent)
                    + " was lost and has not come back within "
                    + patience.toSeconds()
                    + " s; "
                    + here()
                    + " of "
                    + plan.workers()
                    + " workers are running. Give Spark as many slots as there are workers, or "
                    + StartTimeout.advice()));
        continue;
      }
      await();
    }
    return arrivals.poll();
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
    offerAll();
  }
}
