// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import org.unroll.rnn.train.Rounds;

/** Rounds whose workers are Spark tasks. */
public interface ClusterRounds extends Rounds {
  /**
   * The most memory that a worker's process has needed, in bytes; see {@link
   * org.unroll.spark.report.PeakMemory}. Of all workers that have ended well: known once the rounds
   * are closed, and 0 where none has.
   */
  long peakWorkerMemory();
}
