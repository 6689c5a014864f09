// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/**
 * A session is the driver's end of one attempt of a worker. Several attempts of the same worker can
 * be there at a time: one that was given up for lost, one started in its place, and speculative
 * copies. The fields belong to {@link RoundHub} and are guarded by its lock.
 */
abstract class Session {
  /** The {@link #statesVersion} of a worker whose states are of no use. */
  static final long UNKNOWN = -1;

  final int worker;

  /** The parameters that the worker's process has. */
  final Params params;

  /** True while the worker waits for a command. */
  boolean idle;

  /** The training rounds after which its states are; a new worker's are those before the first. */
  long statesVersion;

  Session(int worker, Params params) {
    this.worker = worker;
    this.params = params;
  }

  /**
   * The parameters that a process has, which all its workers share. Those sent in a round that the
   * process had no part in may have been overtaken on their way by the next update, so they only
   * count once something computed with them has counted.
   */
  static final class Params {
    private long version = UNKNOWN;
    private long sentInRound;
    private boolean confirmed;

    /** Returns whether the process surely has this version, or gets it in this round. */
    boolean are(long version, long round) {
      return this.version == version && (confirmed || sentInRound == round);
    }

    /** Notes that a version is sent. */
    void send(long version, long round) {
      this.version = version;
      sentInRound = round;
      confirmed = false;
    }

    /** Notes that something has counted that was computed when this version was the newest. */
    void confirm(long version) {
      confirmed = this.version == version;
    }
  }

  /** Takes a command for its worker; {@link #flush} sends it. */
  abstract void deliver(Command command);

  /** Sends what was delivered to this and other sessions of the same process, without waiting. */
  abstract void flush();

  /** Returns where the worker runs, for people. */
  abstract String where();
}
