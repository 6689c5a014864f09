// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/**
 * The driver's end of one attempt of a worker. Several attempts of the same worker can be there at
 * a time: one that was given up for lost, one started in its place, and speculative copies. The
 * fields belong to {@link RoundHub} and are guarded by its lock.
 */
abstract class Session {
  /** What {@link #statesVersion} is when the worker's are of no use. */
  static final long UNKNOWN = -1;

  /**
   * The parameters that a process has, which all its workers share. Those sent in a round that the
   * process had no part in may have been overtaken on their way by the next update, so they only
   * count once something computed with them has counted.
   */
  static final class Holding {
    long paramsVersion = UNKNOWN;
    long sentInRound;
    boolean confirmed;

    boolean has(long version, long round) {
      return paramsVersion == version && (confirmed || sentInRound == round);
    }
  }

  final int worker;
  final Holding holding;

  /** Whether it waits for a command. */
  boolean idle;

  /** After how many training rounds its states are; a new worker's are those before the first. */
  long statesVersion;

  Session(int worker, Holding holding) {
    this.worker = worker;
    this.holding = holding;
  }

  /** Takes a command for its worker; {@link #flush} sends it. */
  abstract void deliver(Command command);

  /** Sends what was delivered to this and other sessions of the same process, without waiting. */
  abstract void flush();

  /** Where the worker runs, for people. */
  abstract String where();
}
