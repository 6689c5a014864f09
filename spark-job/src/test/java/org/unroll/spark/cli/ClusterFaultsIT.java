// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.rounds.StandaloneCluster;

/** What a person sees of a cluster that gives nothing. */
@Timeout(900)
class ClusterFaultsIT {
  @TempDir Path folder;

  @AfterEach
  void forget() {
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("spark."));
  }

  private Shell.Outcome train(StandaloneCluster cluster, String... settings) {
    String[] options = {
      "train",
      "--task",
      "lm",
      "--input",
      Shell.HOME + "/data-samples/harbour",
      "--master",
      cluster.master(),
      "--out",
      folder.resolve("model").toString(),
      "--conf",
      "spark.unroll.start.timeout=6s",
    };
    String[] words = new String[options.length + settings.length];
    System.arraycopy(options, 0, words, 0, options.length);
    System.arraycopy(settings, 0, words, options.length, settings.length);
    return Shell.run(words);
  }

  @Test
  void a_cluster_without_workers_is_an_error() throws Exception {
    try (StandaloneCluster cluster = new StandaloneCluster(folder.resolve("cluster"), 0, 1)) {
      Shell.Outcome outcome = train(cluster);
      assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
      assertThat(outcome.err())
          .contains(cluster.master() + " has had no executor for it for 6 s")
          .contains("no free worker of the size of an executor (1g");
      assertThat(folder.resolve("model")).doesNotExist();
    }
  }

  @Test
  void a_driver_that_executors_do_not_reach_is_an_error() throws Exception {
    try (StandaloneCluster cluster = new StandaloneCluster(folder.resolve("cluster"), 1, 1)) {
      Shell.Outcome outcome =
          train(
              cluster,
              "--conf",
              "spark.driver.host=203.0.113.9",
              "--conf",
              "spark.driver.bindAddress=0.0.0.0");
      assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
      assertThat(outcome.err()).contains("do not reach the driver at 203.0.113.9:");
    }
  }
}
