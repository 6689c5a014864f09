// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.Window;
import org.unroll.spark.rounds.NumbersWork.Trouble;

/** What takes a cluster of its own: machines of other names, and the end of a Master. */
@Timeout(900)
class StandaloneAccidentsIT {
  private static final int PARAMETERS = 5000;
  private static final NumbersWork WORK = new NumbersWork(5, PARAMETERS, 300);

  /** Counts copies, and tasks that run. */
  private static final class Copies extends SparkListener {
    final AtomicInteger copies = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      running.incrementAndGet();
      if (start.taskInfo().speculative()) {
        copies.incrementAndGet();
      }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      running.decrementAndGet();
    }
  }

  @Test
  void copies_of_a_straggler_change_nothing_and_end_with_the_run(@TempDir Path folder)
      throws Exception {
    Map<String, String> settings =
        Map.of(
            // How many cores an executor has, Spark only knows when told.
            "spark.executor.cores", "2",
            "spark.speculation", "true",
            "spark.speculation.interval", "100ms",
            "spark.speculation.task.duration.threshold", "500ms");
    Copies copies = new Copies();
    try (StandaloneCluster cluster = new StandaloneCluster(folder, 1, 2)) {
      cluster.addWorker("127.0.0.2", 2);
      try (JavaSparkContext spark = cluster.spark(settings)) {
        spark.sc().addSparkListener(copies);
        try (Rounds rounds = RoundsKind.RESIDENT.create(spark, 2, WORK.with(Trouble.STRAGGLER))) {
          Rounds alone = Training.inThisThread(WORK);
          long deadline = System.nanoTime() + Duration.ofMinutes(10).toNanos();
          // Spark makes a copy when it gets to it, and then both attempts are in the training.
          for (int step = 0; copies.copies.get() == 0 && System.nanoTime() < deadline; step++) {
            rounds.gradient(new Window(0, step, step), new float[PARAMETERS]);
            alone.gradient(new Window(0, step, step), new float[PARAMETERS]);
          }
          assertThat(copies.copies).hasPositiveValue();
          assertThat(Training.run(rounds, PARAMETERS)).isEqualTo(Training.run(alone, PARAMETERS));
        }
        // The test's own limit ends it where a copy does not.
        while (copies.running.get() > 0) {
          Thread.sleep(100);
        }
      }
    }
  }

  @Test
  void a_training_outlives_its_master(@TempDir Path folder) throws Exception {
    try (StandaloneCluster cluster = new StandaloneCluster(folder, 2, 1);
        JavaSparkContext spark = cluster.spark(Map.of());
        Rounds rounds = RoundsKind.RESIDENT.create(spark, 2, WORK)) {
      StandaloneCluster.kill(cluster.process("master"));
      assertThat(Training.run(rounds, PARAMETERS))
          .isEqualTo(Training.run(Training.inThisThread(WORK), PARAMETERS));
    }
  }
}
