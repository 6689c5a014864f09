// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(900)
class LocalClusterIT {
  @Test
  void executors_in_their_own_processes_run_on_the_assembled_spark() throws Exception {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.jars", System.getProperty("unroll.jar"))
            .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
            .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "600s");
    try (SparkSession spark = builder.getOrCreate()) {
      assertThat(spark.range(1000).repartition(4).count()).isEqualTo(1000);
      // Spark tells of executors with a little delay; the driver is among them.
      while (spark.sparkContext().statusTracker().getExecutorInfos().length < 3) {
        Thread.sleep(50);
      }
    }
  }
}
