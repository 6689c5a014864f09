// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.time.Duration;
import org.apache.spark.SparkConf;

/** How long the cluster may take to start what a run needs, at first and in the place of losses. */
public final class StartTimeout {
  private static final String KEY = "spark.unroll.start.timeout";

  private StartTimeout() {}

  /** The setting {@code spark.unroll.start.timeout}, a minute by default. */
  public static Duration of(SparkConf conf) {
    return Duration.ofSeconds(conf.getTimeAsSeconds(KEY, "60s"));
  }

  /** What to add to a command that shall wait longer. */
  public static String advice() {
    return "let it take longer (--conf " + KEY + "=300s)";
  }
}
