// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/**
 * Whether workers that Spark has given up are worth another try. Spark counts the failures of a
 * task for as long as its stage runs, which here is the whole training: a few lost executors, hours
 * apart, would end it. What counts is whether rounds went on in between.
 */
final class Restarts {
  /** Tries in a row without a round in between. */
  static final int LIMIT = 3;

  private long roundBefore;
  private int inVain;

  /**
   * Spark has given up.
   *
   * @param round the current round
   * @param failure what Spark said
   */
  boolean again(long round, Throwable failure) {
    if (!JobFailures.taskFailed(failure)) {
      return false;
    }
    if (round > roundBefore) {
      roundBefore = round;
      inVain = 0;
      return true;
    }
    return JobFailures.executorLost(failure) && ++inVain < LIMIT;
  }
}
