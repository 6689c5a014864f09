// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

/**
 * The driver's end of one attempt of a worker. Several attempts of the same worker can be there at
 * a time: one that was given up for lost, one started in its place, and speculative copies. The
 * fields belong to {@link RoundHub} and are guarded by its lock.
 */
abstract class Session {
  /** What {@link #paramsVersion} and {@link #statesVersion} are when the worker's are of no use. */
  static final long UNKNOWN = -1;

  final int worker;

  /** Whether it waits for a command. */
  boolean idle;

  /** Which parameters it has. */
  long paramsVersion = UNKNOWN;

  /** After how many training rounds its states are; a new worker's are those before the first. */
  long statesVersion;

  Session(int worker) {
    this.worker = worker;
  }

  /** Hands over a command, without waiting. */
  abstract void deliver(Command command);

  /** Where the worker runs, for people. */
  abstract String where();
}
