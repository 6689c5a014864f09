// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.rounds.LocalSpark;

/** As {@link PlacementTest}, with up to eight executors in processes of their own. */
@Timeout(1800)
class PlacementIT {
  /** Three slices of parameters, so that of eight executors some own nothing of the sums. */
  private static final String NETWORK =
      "lm brackets --hidden 112 --embedding 32 --layers 1 --dropout 0.1 --epochs 1 --shards 8"
          + " --batch 16 --window 20";

  @TempDir static Path folder;
  private static SparkSession spark;
  private static byte[] expected;

  @BeforeAll
  static void start() throws Exception {
    LocalSpark.startWithJars(
        "local-cluster[8,1,512]", folder, Map.of("spark.executor.memory", "512m"));
    spark = SparkSession.builder().getOrCreate();
    expected = train("--workers 1", "Rounds: 8 shards on 1 worker, resident");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static byte[] train(String placement, String expectedNote) throws IOException {
    Path out = folder.resolve(placement.replace(' ', '-'));
    ByteArrayOutputStream notes = new ByteArrayOutputStream();
    byte[] model = PlacementTest.train(spark, NETWORK, out, placement, notes);
    assertThat(notes.toString(StandardCharsets.UTF_8)).contains(expectedNote);
    return model;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 8})
  void executors_rounds_and_the_place_of_sums_change_no_bit(int executors) throws IOException {
    String workers = "--workers " + executors;
    assertThat(train(workers + " --sum driver", "Sums: added by the driver")).isEqualTo(expected);
    assertThat(train(workers + " --sum shared", "Sums: shared by the executors"))
        .isEqualTo(expected);
    assertThat(train(workers + " --rounds job", "a Spark job a round")).isEqualTo(expected);
  }
}
