// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/** The Spark job that holds the resident workers, with the driver's thread that waits for it. */
final class WorkerJob {
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final WorkerPlan plan;
  private final HubAddress address;
  private final RoundHub hub;
  private final String group;
  private final Thread thread;

  /** Not started yet. */
  WorkerJob(JavaSparkContext spark, WorkerPlan plan, HubAddress address, RoundHub hub) {
    this.spark = spark;
    this.plan = plan;
    this.address = address;
    this.hub = hub;
    group = "unroll-" + plan.run();
    thread = new Thread(this::run, "unroll-workers");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      spark.setJobGroup(group, "Unroll: " + plan.workers() + " resident workers", true);
      List<Integer> workers = IntStream.range(0, plan.workers()).boxed().toList();
      spark.parallelize(workers, plan.workers()).foreachPartition(new WorkerTask(plan, address));
      hub.jobEnded(null);
    } catch (Exception e) {
      hub.jobEnded(e);
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
