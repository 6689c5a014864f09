// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/**
 * A session is the driver's end of one attempt of a worker. Several attempts of the same worker can
 * be there at a time: one that was given up for lost, one started in its place, and speculative
 * copies. The fields belong to {@link RoundHub} and are guarded by its lock.
 */
class Session {
  /** The {@link #statesVersion} of a worker whose states are of no use. */
  static final long UNKNOWN = -1;

  final int worker;
  final Peer peer;

  /** True while the worker waits for a command. */
  boolean idle;

  /** The training rounds after which its states are; a new worker's are those before the first. */
  long statesVersion;

  Session(int worker, Peer peer) {
    this.worker = worker;
    this.peer = peer;
  }

  /**
   * A peer is the process of a worker, with the parameters that it has for all its workers. Those
   * sent in a round that the process had no part in may have been overtaken on their way by the
   * next update, so they only count once something computed with them has counted.
   */
  abstract static class Peer {
    private long paramsVersion = UNKNOWN;
    private long sentInRound;
    private boolean confirmed;

    /** Returns whether the process surely has this version, or gets it in this round. */
    boolean has(long version, long round) {
      return paramsVersion == version && (confirmed || sentInRound == round);
    }

    void sent(long version, long round) {
      paramsVersion = version;
      sentInRound = round;
      confirmed = false;
    }

    /** Returns whether the process surely has this version by now. */
    boolean isConfirmed(long version) {
      return paramsVersion == version && confirmed;
    }

    /** Notes that something has counted that was computed when this version was the newest. */
    void confirm(long version) {
      confirmed = paramsVersion == version;
    }

    /** Returns where other executors reach it; nowhere if they do not. */
    Transport.Address address() {
      return Transport.Address.NOWHERE;
    }

    /** Returns whether it is on the driver's machine, with memory that both share. */
    boolean isNear() {
      return true;
    }

    /** Takes who shares the sums of the round whose command comes next. */
    void share(Owners owners) {}

    /**
     * Has it send again to the driver what it gave to other executors in a round, and takes with it
     * the parameters that it may lack.
     */
    void recall(Command command, int[] changed) {}

    /** Takes a command for the worker of a session; {@link #flush} sends it, if not this. */
    abstract void deliver(Session session, Command command);

    /** Sends what was delivered to the sessions of this process, without waiting. */
    void flush() {}

    /** Returns where the process runs, for people. */
    abstract String where();
  }
}
