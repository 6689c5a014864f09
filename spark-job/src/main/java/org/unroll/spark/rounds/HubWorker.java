// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.time.Duration;

/**
 * A worker as the driver sees it, over all its attempts: whether one is present, whether it has
 * contributed to the current round. It belongs to {@link RoundHub} and is guarded by its lock.
 */
final class HubWorker {
  final int number;

  /** The sessions that have joined and not left. */
  private int sessions;

  /** The attempts that Spark runs, as far as it has told. */
  private int attempts;

  /** True while Spark runs no attempt any more, so that sessions which stay open mean nothing. */
  private boolean gone;

  private long absentSince = System.nanoTime();

  /** True when its contribution to the current round has come, and before the first round. */
  boolean contributed = true;

  /** Counts the changes of the states of its shards. */
  long statesVersion;

  String lastWords;

  HubWorker(int number) {
    this.number = number;
  }

  void join() {
    sessions++;
    lastWords = null;
  }

  /** Notes that a session is gone; returns whether it was the last. */
  boolean leave() {
    if (--sessions > 0) {
      return false;
    }
    if (!gone) {
      absentSince = System.nanoTime();
    }
    return true;
  }

  /**
   * Notes that Spark runs so many attempts now. Where it runs none, the worker is absent even if
   * its connections stay open; one that has just been started is waited for.
   */
  void attempts(int running) {
    attempts = running;
    boolean none = running <= 0;
    if (!none || isPresent()) {
      absentSince = System.nanoTime();
    }
    gone = none;
  }

  /** Notes that an attempt is alive, whatever Spark has told. */
  void heard() {
    gone = false;
  }

  boolean isPresent() {
    return sessions > 0 && !gone;
  }

  /** Returns how many attempts Spark runs, which may not have joined yet. */
  int attempts() {
    return attempts;
  }

  boolean isAbsentFor(Duration patience) {
    return !isPresent() && System.nanoTime() - absentSince > patience.toNanos();
  }
}
