// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.unroll.rnn.io.InputException;

/** How many tasks Spark can run at a time, where its master says so. */
public final class Slots {
  private static final Pattern LOCAL =
      Pattern.compile("local\\[\\s*(\\d+|\\*)\\s*(?:,\\s*\\d+\\s*)?]");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");

  private Slots() {}

  /** The number of tasks, or nothing if only the cluster's manager knows. */
  public static OptionalInt of(SparkConf conf) {
    String master = conf.get("spark.master", "");
    int cpus = Math.max(1, conf.getInt("spark.task.cpus", 1));
    if (master.equals("local")) {
      return OptionalInt.of(1 / cpus);
    }
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      return OptionalInt.of(cores(local.group(1)) / cpus);
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

  /** Whether tasks run in the driver's own process. */
  public static boolean inDriver(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.equals("local") || LOCAL.matcher(master).matches();
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
          workers
              + " workers need "
              + workers
              + " task slots at a time, but Spark's master "
              + conf.get("spark.master", "")
              + " has "
              + slots.getAsInt()
              + (several ? " (with spark.task.cpus=" + conf.get("spark.task.cpus") + ")" : "")
              + ". Ask for fewer (--workers), "
              + (several ? "for fewer threads in each (--threads), " : "")
              + "or for a master with more (--master).");
    }
  }
}
