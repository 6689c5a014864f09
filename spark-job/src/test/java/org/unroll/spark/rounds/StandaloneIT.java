// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.rounds.NumbersWork.Trouble;

/** Both kinds of rounds on a Master and two Workers, whose processes are killed. */
@Timeout(900)
class StandaloneIT {
  private static final int PARAMETERS = 5000;
  private static final NumbersWork WORK = new NumbersWork(5, PARAMETERS, 300);
  private static final String EXPECTED = Training.run(Training.inThisThread(WORK), PARAMETERS);

  private static StandaloneCluster cluster;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    cluster = new StandaloneCluster(folder, 2, 1);
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.close();
  }

  /** Something that happens in a round. */
  private interface Accident {
    void happen(int step) throws Exception;
  }

  /** Rounds with an accident in each, some time after its start. */
  private record Accidents(Rounds rounds, Accident accident) implements Rounds {
    @Override
    public int windows() {
      return rounds.windows();
    }

    @Override
    public WeightedSum gradient(Window window, float[] params) {
      int step = (int) window.step();
      CompletableFuture<Void> happening =
          CompletableFuture.runAsync(
              () -> {
                try {
                  Thread.sleep((long) (300 * RandomBits.uniform(7, step)));
                  accident.happen(step);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      WeightedSum sum = rounds.gradient(window, params);
      happening.join();
      return sum;
    }

    @Override
    public Evaluation evaluate(Split split, float[] params) {
      return rounds.evaluate(split, params);
    }

    @Override
    public RoundTimes times() {
      return rounds.times();
    }

    @Override
    public Map<ShardTree.Node, Loss> losses() {
      return rounds.losses();
    }

    @Override
    public List<float[]> states() {
      return rounds.states();
    }

    @Override
    public void restore(List<float[]> states) {
      rounds.restore(states);
    }

    @Override
    public void close() {
      rounds.close();
    }
  }

  private static String train(
      JavaSparkContext spark, RoundsKind kind, Trouble trouble, Accident accident) {
    try (Rounds rounds = new Accidents(kind.create(spark, 2, WORK.with(trouble)), accident)) {
      return Training.run(rounds, PARAMETERS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void executors_killed_again_and_again_change_nothing(RoundsKind kind) throws Exception {
    try (JavaSparkContext spark = cluster.spark(Map.of("spark.task.maxFailures", "1"))) {
      Accident kill =
          step -> {
            List<ProcessHandle> executors = cluster.executors();
            if (step % 4 == 1 && !executors.isEmpty()) {
              StandaloneCluster.kill(executors.get(step % executors.size()));
            }
          };
      assertThat(train(spark, kind, Trouble.SLOW, kill)).isEqualTo(EXPECTED);
    }
  }

  @Test
  void a_worker_process_that_was_killed_and_started_again_changes_nothing() throws Exception {
    try (JavaSparkContext spark = cluster.spark(Map.of())) {
      Accident kill =
          step -> {
            if (step == 3) {
              StandaloneCluster.kill(cluster.process("worker-1"));
              cluster.repair();
            }
          };
      assertThat(train(spark, RoundsKind.RESIDENT, Trouble.SLOW, kill)).isEqualTo(EXPECTED);
    }
  }

  @Test
  void a_lost_quorum_ends_the_run_with_what_is_left() throws Exception {
    try (JavaSparkContext spark = cluster.spark(Map.of())) {
      CountDownLatch removed = new CountDownLatch(1);
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
                  removed.countDown();
                }
              });
      Accident kill =
          step -> {
            if (step == 3) {
              StandaloneCluster.kill(cluster.process("worker-2"));
              // Starting took the time it took; when Spark knows of the loss, nothing else comes.
              removed.await();
              spark.sc().conf().set("spark.unroll.start.timeout", "5s");
            }
          };
      assertThatThrownBy(() -> train(spark, RoundsKind.RESIDENT, Trouble.SLOW, kill))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("was lost and has not come back within 5 s")
          .hasMessageContaining("1 of 2 workers are running")
          .hasMessageContaining("Give Spark as many slots as there are workers: it has 1 for them");
    } finally {
      cluster.repair();
    }
  }

  @Test
  void an_executor_that_dies_in_every_attempt_ends_the_run() throws Exception {
    try (JavaSparkContext spark = cluster.spark(Map.of("spark.task.maxFailures", "1"))) {
      assertThatThrownBy(() -> train(spark, RoundsKind.RESIDENT, Trouble.ALWAYS_DIES, step -> {}))
          .isInstanceOf(ClusterException.class)
          .hasMessageStartingWith("the workers' Spark job is over: ")
          .hasMessageContaining("exited with code 9");
    }
  }

  @Test
  void fewer_slots_than_workers_are_counted() throws Exception {
    try (JavaSparkContext spark = cluster.spark(Map.of())) {
      WorkerPlan plan = new WorkerPlan(UUID.randomUUID(), 3, WORK);
      AtomicReference<RoundHub> started = new AtomicReference<>();
      // There are two slots: when two workers are present, nothing else will come.
      Supplier<Duration> patience =
          () -> started.get().present() < 2 ? Duration.ofMinutes(10) : Duration.ofSeconds(2);
      RoundHub hub = new RoundHub(plan, patience, () -> Slots.free(spark));
      started.set(hub);
      try (NetworkHub network = new NetworkHub(plan, hub)) {
        ClusterRounds.Largest memory = new ClusterRounds.Largest();
        spark.sc().register(memory);
        WorkerJob job = new WorkerJob(spark, plan, network.address(), hub, memory);
        job.start();
        assertThatThrownBy(hub::awaitWorkers)
            .isInstanceOf(InputException.class)
            .hasMessageContaining("Only 2 of 3 workers started, and nothing has happened for 2 s")
            .hasMessageContaining("task slots for 2 of them")
            .hasMessageContaining("ask for at most 2 (--workers)");
        hub.stop();
        job.end(false);
      }
    }
  }
}
