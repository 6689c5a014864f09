// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The Spark job that holds the resident workers, with the driver's thread that waits for it and
 * submits it again where that is of use.
 */
final class WorkerJob {
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final WorkerPlan plan;
  private final HubAddress address;
  private final RoundHub hub;
  private final LargestAccumulator memory;
  private final String group;
  private final AttemptListener listener;
  private final Thread thread;

  /** Not started yet. */
  WorkerJob(
      JavaSparkContext spark,
      WorkerPlan plan,
      HubAddress address,
      RoundHub hub,
      LargestAccumulator memory) {
    this.spark = spark;
    this.plan = plan;
    this.address = address;
    this.hub = hub;
    this.memory = memory;
    group = "unroll-" + plan.run();
    listener = new AttemptListener(group, plan.workers(), hub);
    thread = new Thread(this::run, "unroll-workers");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    spark.sc().addSparkListener(listener);
    spark.setJobGroup(group, "Unroll: " + plan.workers() + " resident workers", true);
    try {
      Exception failure;
      do {
        failure = runOnce();
      } while (hub.jobEnded(failure));
    } finally {
      spark.sc().removeSparkListener(listener);
    }
  }

  /** Holds the workers until they have ended; what Spark said if it has given them up, or null. */
  private Exception runOnce() {
    try {
      List<Integer> workers = IntStream.range(0, plan.workers()).boxed().toList();
      spark
          .parallelize(workers, plan.workers())
          .foreachPartition(new WorkerTask(plan, address, memory));
      return null;
    } catch (Exception e) {
      return e;
    }
  }

  /**
   * Waits until the workers have ended, and cancels those that do not.
   *
   * @param healthy whether they can be expected to end by themselves
   */
  void end(boolean healthy) {
    if (healthy) {
      join();
    }
    if (thread.isAlive() && !spark.sc().isStopped()) {
      spark.cancelJobGroup(group);
      join();
    }
  }

  private void join() {
    try {
      thread.join(GRACE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
