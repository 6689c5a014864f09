// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import org.unroll.rnn.io.InputException;
import scala.jdk.javaapi.CollectionConverters;

/** Slots are the tasks that Spark can run at a time, as its master and its executors tell. */
public final class Slots {
  private static final Pattern LOCAL =
      Pattern.compile("local(?:\\[\\s*(\\d+|\\*)\\s*(?:,\\s*\\d+\\s*)?])?");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");
  private static final Duration IDLE = Duration.ofSeconds(3);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final String PATIENCE = "spark.unroll.start.timeout";

  private Slots() {}

  /** Returns the number of tasks, or nothing if only the cluster's manager knows. */
  public static OptionalInt of(SparkConf conf) {
    String master = conf.get("spark.master", "");
    int cpus = Math.max(1, conf.getInt("spark.task.cpus", 1));
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      return OptionalInt.of((local.group(1) == null ? 1 : cores(local.group(1))) / cpus);
    }
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    if (cluster.matches()) {
      return OptionalInt.of(cores(cluster.group(1)) * (cores(cluster.group(2)) / cpus));
    }
    return OptionalInt.empty();
  }

  private static int cores(String number) {
    return number.equals("*")
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(number);
  }

  /** Returns whether tasks run in the driver's own process. */
  public static boolean inDriver(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }

  /** Returns the number of tasks that Spark's executors could run now beside those they run. */
  public static int free(JavaSparkContext spark) {
    SparkContext context = spark.sc();
    if (context.isStopped()) {
      return 0;
    }
    int all =
        context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    return all - running(context);
  }

  private static int running(SparkContext context) {
    int running = 0;
    if (context.taskScheduler() instanceof TaskSchedulerImpl scheduler) {
      for (Object tasks :
          CollectionConverters.asJava(scheduler.runningTasksByExecutors()).values()) {
        running += (Integer) tasks;
      }
    }
    return running;
  }

  /**
   * Waits until no task runs any more that a failed job has left, so that none writes again what is
   * removed; a few seconds at most.
   */
  public static void awaitIdle(JavaSparkContext spark) {
    long until = System.nanoTime() + IDLE.toNanos();
    while (!spark.sc().isStopped() && running(spark.sc()) > 0 && System.nanoTime() < until) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /**
   * Refuses workers that could never all run at a time.
   *
   * @throws InputException naming both numbers
   */
  public static void require(int workers, SparkConf conf) {
    OptionalInt slots = of(conf);
    if (slots.isPresent() && slots.getAsInt() < workers) {
      boolean several = conf.getInt("spark.task.cpus", 1) > 1;
      throw new InputException(
          "%s workers need %s task slots at a time, but Spark's master %s has %s"
                  .formatted(workers, workers, conf.get("spark.master", ""), slots.getAsInt())
              + (several ? " (with spark.task.cpus=" + conf.get("spark.task.cpus") + ")" : "")
              + ". Ask for fewer (--workers), "
              + (several ? "for fewer threads in each (--threads), " : "")
              + "or for a master with more (--master).");
    }
  }

  /**
   * Returns how long the cluster may take to start what a run needs, at first and in the place of
   * losses: the setting {@code spark.unroll.start.timeout}, a minute by default.
   */
  public static Duration patience(SparkConf conf) {
    return Duration.ofSeconds(conf.getTimeAsSeconds(PATIENCE, "60s"));
  }

  /** Returns what to add to a command that shall wait longer. */
  public static String patienceAdvice() {
    return "let it take longer (--conf " + PATIENCE + "=300s)";
  }
}
