// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.time.Duration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * Ends jobs that no executor will ever work on. Spark itself waits for executors forever, and only
 * warns that a job "has not accepted any resources".
 */
final class ExecutorWatch implements AutoCloseable {
  private static final long CHECK_MILLIS = 500;

  private final SparkContext spark;
  private final Duration patience;
  private final Thread thread;

  private ExecutorWatch(SparkContext spark) {
    this.spark = spark;
    patience = Slots.patience(spark.conf());
    thread = new Thread(this::run, "unroll-executor-watch");
    thread.setDaemon(true);
  }

  /** Watches until it is closed or Spark ends. */
  static ExecutorWatch start(SparkContext spark) {
    ExecutorWatch watch = new ExecutorWatch(spark);
    watch.thread.start();
    return watch;
  }

  private void run() {
    long since = System.nanoTime();
    try {
      while (!spark.isStopped()) {
        Thread.sleep(CHECK_MILLIS);
        int[] jobs = spark.statusTracker().getActiveJobIds();
        if (jobs.length == 0 || hasExecutors()) {
          since = System.nanoTime();
        } else if (System.nanoTime() - since > patience.toNanos()) {
          for (int job : jobs) {
            spark.cancelJob(job, reason());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether there are executors; the driver is in the list too. */
  private boolean hasExecutors() {
    return spark.statusTracker().getExecutorInfos().length > 1;
  }

  private String reason() {
    SparkConf conf = spark.conf();
    return ("because %s has had no executor for it for %s s. Either the cluster has no free"
            + " worker of the size of an executor (%s and its overhead, %s cores of a worker):"
            + " the master's page lists those it has. Or executors start but do not reach the"
            + " driver at %s:%s: their logs say so; open that port, or set spark.driver.host"
            + " to an address they reach. If it only needs time, %s.")
        .formatted(
            conf.get("spark.master"),
            patience.toSeconds(),
            conf.get("spark.executor.memory", "1g"),
            conf.get("spark.executor.cores", "all"),
            conf.get("spark.driver.host"),
            conf.get("spark.driver.port"),
            Slots.patienceAdvice());
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
