// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class SparkRuntimeTest {
  @Test
  void tests_run_with_the_options_that_spark_gives_its_own_processes() {
    assertThat(ManagementFactory.getRuntimeMXBean().getInputArguments())
        .contains(JavaModuleOptions.defaultModuleOptionArray());
  }

  @Test
  void a_local_session_counts() throws Exception {
    SparkSession.Builder builder =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false");
    try (SparkSession spark = builder.getOrCreate()) {
      assertThat(spark.range(1000).repartition(4).count()).isEqualTo(1000);
    }
  }
}
