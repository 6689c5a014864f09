// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

/** What to tell people of a Spark job that failed. */
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
}
