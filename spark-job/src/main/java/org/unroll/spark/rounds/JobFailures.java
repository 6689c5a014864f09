// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/**
 * Reads what Spark says of a job that failed, and decides whether workers that it has given up are
 * worth another try. Spark counts the failures of a task for as long as its stage runs, which for
 * resident workers is the whole training: a few lost executors, hours apart, would end it. What
 * counts is whether rounds went on in between.
 */
final class JobFailures {
  /** The tries in a row without a round in between. */
  static final int LIMIT = 3;

  private long roundBefore;
  private int inVain;

  /**
   * Returns whether to try again after Spark has given up.
   *
   * @param round the current round
   * @param failure what Spark said
   */
  boolean again(long round, Throwable failure) {
    if (!taskFailed(failure)) {
      return false;
    }
    if (round > roundBefore) {
      roundBefore = round;
      inVain = 0;
      return true;
    }
    return executorLost(failure) && ++inVain < LIMIT;
  }

  /** Returns the first line of Spark's message, which says what happened: the rest are traces. */
  static String describe(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.toString();
    }
    return message.lines().findFirst().orElseThrow().strip();
  }

  /** Returns what to do about a job that has failed for good; empty where nothing is known. */
  static String advice(Throwable failure) {
    return executorLost(failure)
        ? ". Executors die again and again in the same round, and their logs say why; code 137 is a"
            + " kill, mostly for want of memory (--executor-memory, spark.executor.memoryOverhead)"
        : "";
  }

  /**
   * Returns whether Spark gave up because one task failed too often: not because somebody cancelled
   * the job, nor because the application is at its end.
   */
  private static boolean taskFailed(Throwable failure) {
    return describe(failure).startsWith("Job aborted due to stage failure: Task ");
  }

  /**
   * Returns whether executors were lost too often: with a task's last attempt, or with the sums
   * that the second stage of a job came for.
   */
  static boolean executorLost(Throwable failure) {
    return taskFailed(failure) && describe(failure).contains("ExecutorLostFailure")
        || describe(failure).contains("has failed the maximum allowable number of times");
  }
}
