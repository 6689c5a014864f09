// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.unroll.spark.report.SparkMetrics;

/**
 * Shows in Spark's metrics system what an executor does while it holds resident workers: {@code
 * compute_ms}, the computing of its slowest worker in the latest round, and {@code rounds} that it
 * had a part in.
 */
final class WorkerMetrics {
  private static SparkMetrics shown;
  private static int users;
  private static volatile long compute;
  private static final LongAdder ROUNDS = new LongAdder();

  private WorkerMetrics() {}

  /** Counts a process of workers that is there. */
  static synchronized void join() {
    if (users++ == 0) {
      ROUNDS.reset();
      compute = 0;
      shown =
          new SparkMetrics().with("compute_ms", () -> compute / 1e6).with("rounds", ROUNDS::sum);
      shown.show();
    }
  }

  /** Counts one that is gone. */
  static synchronized void leave() {
    if (--users == 0) {
      shown.close();
    }
  }

  /** Notes what its workers contribute to a round. */
  static void round(List<Contribution.Share> shares) {
    compute = shares.stream().mapToLong(share -> share.times().compute()).max().orElse(0);
    ROUNDS.increment();
  }
}
