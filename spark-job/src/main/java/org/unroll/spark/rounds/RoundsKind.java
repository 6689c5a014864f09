// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/** How the sums of a round come together on Spark; the numbers are the same. */
public enum RoundsKind {
  /** One Spark stage holds the workers for the whole run; a round is a message each way. */
  RESIDENT,
  /** A Spark job for every round, for clusters whose executors come and go. */
  JOB
}
