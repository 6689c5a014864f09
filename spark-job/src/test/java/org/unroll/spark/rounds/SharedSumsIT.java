// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.rounds.NumbersWork.Trouble;

/** Executors in processes of their own that share sums; all of them are killed, in turns. */
@Timeout(900)
class SharedSumsIT {
  /** Seven slices, of which the last is not full. */
  private static final int PARAMETERS = 200_001;

  private static final int EXECUTORS = 3;
  private static final NumbersWork WORK = new NumbersWork(6, PARAMETERS, 300);

  private static JavaSparkContext spark;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    spark = LocalSpark.startWithJars("local-cluster[3,1,1024]", folder, Map.of());
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static String expected(NumbersWork work) {
    return Training.run(Training.inThisThread(work), PARAMETERS);
  }

  private static String train(NumbersWork work) {
    try (ClusterRounds rounds =
        RoundsKind.RESIDENT.create(spark, EXECUTORS, work, SumKind.SHARED)) {
      return Training.run(rounds, PARAMETERS);
    }
  }

  @Test
  void executors_give_the_bits_of_one_thread_and_the_driver_has_one_gradient() {
    long vector = (long) Float.BYTES * PARAMETERS;
    try (ClusterRounds rounds =
        RoundsKind.RESIDENT.create(spark, EXECUTORS, WORK, SumKind.SHARED)) {
      assertThat(Training.run(rounds, PARAMETERS)).isEqualTo(expected(WORK));
      rounds.gradient(new Window(0, 0, 0), new float[PARAMETERS]);
      Traffic traffic = rounds.traffic();
      assertThat(traffic.out()).isBetween(vector, vector + 4000);
      assertThat(traffic.in()).isBetween(vector / 2, vector + 4000 + 6 * 4 * 310);
      assertThat(rounds.slowestLink()).isPresent();
      assertThat(rounds.describeSums().orElseThrow()).startsWith("Sums: shared by the executors");
    }
  }

  @Test
  void numbers_of_16_bits_give_the_bits_of_one_thread() {
    NumbersWork work = WORK.with(Wire.BF16);
    assertThat(train(work)).isEqualTo(expected(work));
  }

  @Test
  void without_shared_memory_the_network_carries_the_same_bits() {
    spark.sc().conf().set(ClusterRounds.SHARED_MEMORY, "false");
    try {
      assertThat(train(WORK)).isEqualTo(expected(WORK));
    } finally {
      spark.sc().conf().remove(ClusterRounds.SHARED_MEMORY);
    }
  }

  /** Owners of sums end in the middle of a round, one after the other, each with its process. */
  @Test
  void owners_that_are_killed_change_nothing() {
    Map<String, Boolean> lost = new ConcurrentHashMap<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
            lost.put(removed.executorId(), true);
          }
        };
    spark.sc().addSparkListener(listener);
    try {
      assertThat(train(WORK.with(Trouble.FIRST_ATTEMPTS_DIE))).isEqualTo(expected(WORK));
    } finally {
      spark.sc().removeSparkListener(listener);
    }
    assertThat(lost).hasSizeGreaterThanOrEqualTo(EXECUTORS);
  }
}
