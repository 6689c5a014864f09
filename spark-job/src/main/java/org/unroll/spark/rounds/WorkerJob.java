// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.PeakMemory;

/**
 * The Spark job that holds the resident workers, with the driver's thread that waits for it and
 * submits it again where that is of use.
 */
final class WorkerJob {
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final WorkerPlan plan;
  private final RoundHub hub;
  private final Task task;
  private final String group;
  private final Thread thread;

  /**
   * Makes a job that has not started yet.
   *
   * @param address where workers in other processes find the driver, or null
   * @param memory gets what the workers' processes have needed
   */
  WorkerJob(
      JavaSparkContext spark,
      WorkerPlan plan,
      Transport.Address address,
      RoundHub hub,
      ClusterRounds.Largest memory) {
    this.spark = spark;
    this.plan = plan;
    this.hub = hub;
    task = new Task(plan, address, memory);
    group = "unroll-" + plan.run();
    thread = new Thread(this::run, "unroll-workers");
    thread.setDaemon(true);
  }

  /**
   * Tells the hub how many attempts of each worker Spark is running: a machine that died closes
   * none of its connections.
   */
  private final class Attempts extends SparkListener {
    private final Set<Integer> stages = new HashSet<>();
    private final int[] running = new int[plan.workers()];

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      if (group.equals(job.properties().getProperty("spark.jobGroup.id"))) {
        job.stageInfos().foreach(stage -> stages.add(stage.stageId()));
      }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      count(start.stageId(), start.taskInfo().index(), 1);
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      count(end.stageId(), end.taskInfo().index(), -1);
    }

    private void count(int stage, int worker, int more) {
      if (stages.contains(stage)) {
        running[worker] += more;
        hub.attempts(worker, running[worker]);
      }
    }
  }

  /** Carries out a worker's commands, from the first to the last. */
  private record Task(WorkerPlan plan, Transport.Address driver, ClusterRounds.Largest memory)
      implements VoidFunction<Iterator<Integer>> {
    @Override
    public void call(Iterator<Integer> workers) throws IOException, InterruptedException {
      int worker = workers.next();
      TaskContext task = TaskContext.get();
      try (WorkerLink link = WorkerLink.open(plan, driver, worker)) {
        work(link, worker, task);
      }
    }

    /**
     * Carries out commands. The driver hears of every failure. One that another attempt would meet
     * again ends the task quietly: the driver gives up at once, and Spark has nothing to retry or
     * to print. What a task meets that Spark is killing is nobody's failure.
     */
    private void work(WorkerLink link, int worker, TaskContext task)
        throws IOException, InterruptedException {
      try {
        WorkerShards shards = new WorkerShards(plan, worker);
        Command next = link.next(task::isInterrupted);
        while (next.kind() != Command.Kind.STOP) {
          link.contribute(shards.run(next));
          next = link.next(task::isInterrupted);
        }
        memory.add(PeakMemory.bytes());
      } catch (InputException e) {
        link.report(true, e.getMessage());
      } catch (RuntimeException | Error e) {
        if (!task.isInterrupted()) {
          tell(link, e);
        }
        throw e;
      }
    }

    private static void tell(WorkerLink link, Throwable failure) {
      try {
        link.report(false, failure.toString());
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  void start() {
    thread.start();
  }

  private void run() {
    Attempts attempts = new Attempts();
    spark.sc().addSparkListener(attempts);
    spark.setJobGroup(group, "Unroll: " + plan.workers() + " resident workers", true);
    try {
      Exception failure;
      do {
        failure = runOnce();
      } while (hub.jobEnded(failure));
    } finally {
      spark.sc().removeSparkListener(attempts);
    }
  }

  /** Holds the workers until they have ended; returns what Spark said if it gave them up. */
  private Exception runOnce() {
    try {
      List<Integer> workers = IntStream.range(0, plan.workers()).boxed().toList();
      spark.parallelize(workers, plan.workers()).foreachPartition(task);
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
