// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/** What Spark says of a job that failed, and what to make of it. */
final class JobFailures {
  private JobFailures() {}

  /** The first line of Spark's message, which says what happened; the rest are stack traces. */
  static String describe(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.toString();
    }
    return message.lines().findFirst().orElseThrow().strip();
  }

  /** What to do about a job that has failed for good; empty where nothing is known. */
  static String advice(Throwable failure) {
    return executorLost(failure)
        ? ". Executors die again and again in the same round, and their logs say why; code 137 is a"
            + " kill, mostly for want of memory (--executor-memory, spark.executor.memoryOverhead)"
        : "";
  }

  /**
   * Whether Spark gave up because one task failed too often: not because somebody cancelled the
   * job, nor because the application is at its end.
   */
  static boolean taskFailed(Throwable failure) {
    return describe(failure).startsWith("Job aborted due to stage failure: Task ");
  }

  /**
   * Whether executors were lost too often: with a task's last attempt, or with the sums that the
   * second stage of a job came for.
   */
  static boolean executorLost(Throwable failure) {
    return taskFailed(failure) && describe(failure).contains("ExecutorLostFailure")
        || describe(failure).contains("has failed the maximum allowable number of times");
  }
}
