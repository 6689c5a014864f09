// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;

/** Executors that share sums, over sockets; each has a connection of its own in this process. */
@Timeout(600)
class SharedSumsTest {
  /** Ten slices, of which the last is not full. */
  private static final int PARAMETERS = 300_001;

  private static final NumbersWork WORK = new NumbersWork(8, PARAMETERS, 50);

  private JavaSparkContext spark;
  private WorkerPlan plan;
  private RoundHub hub;
  private NetworkHub network;
  private final Map<Integer, WorkerLink> links = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();

  private void start(NumbersWork work, int workers, SumKind sum, Map<String, String> settings) {
    spark = LocalSpark.start("local[1]", settings);
    plan = new WorkerPlan(UUID.randomUUID(), workers, work, sum);
    hub = new RoundHub(plan, () -> Duration.ofMinutes(10), () -> workers);
    network = new NetworkHub(plan, hub);
    for (int worker = 0; worker < workers; worker++) {
      work(worker);
    }
    hub.awaitWorkers();
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (spark != null) {
      hub.stop();
      for (Thread thread : threads) {
        thread.join();
      }
      network.close();
      spark.stop();
    }
  }

  /** Starts a worker in an executor of its own, again and again until the run is over. */
  private void work(int worker) {
    Thread thread = new Thread(() -> live(worker));
    thread.start();
    threads.add(thread);
  }

  private void live(int worker) {
    boolean over = false;
    while (!over) {
      WorkerShards shards = new WorkerShards(plan, worker);
      try (WorkerLink link = new WorkerProcess(plan, network.address()).enter(worker)) {
        links.put(worker, link);
        Command command = link.next(() -> links.get(worker) != link);
        while (command.kind() != Command.Kind.STOP) {
          link.contribute(shards.run(command));
          command = link.next(() -> links.get(worker) != link);
        }
        over = true;
      } catch (IOException | InterruptedException | IllegalStateException e) {
        // It was killed, and comes again.
        links.remove(worker);
      }
    }
  }

  /** Ends an executor, whatever it is at. */
  private void kill(int worker) {
    WorkerLink link = links.remove(worker);
    if (link != null) {
      link.close();
    }
  }

  private WeightedSum round(int step, float[] params, int[] changed) {
    network.tree().begin(hub.nextRound());
    hub.begin(Command.train(hub.nextRound(), new Window(0, step, step), params), changed);
    takeAll();
    return network.tree().total();
  }

  private void takeAll() {
    for (int w = 0; w < plan.workers(); w++) {
      hub.take();
    }
  }

  /** Trains some rounds, and more as long as somebody likes, and compares with one thread. */
  private void trainAndCompare(int rounds, BooleanSupplier more) {
    NumbersWork work = (NumbersWork) plan.work();
    WorkerShards alone = new WorkerShards(new WorkerPlan(new UUID(0, 0), 1, work), 0);
    float[] params = new float[PARAMETERS];
    int[] changed = Runs.all(PARAMETERS);
    for (int step = 0; step < rounds || more.getAsBoolean(); step++) {
      float[] rounded = work.wire().rounded(params, new float[0]);
      Command command = Command.train(step, new Window(0, step, step), rounded);
      WeightedSum expected = alone.run(command).sums().get(0);
      WeightedSum sum = round(step, params, changed);
      assertThat(sum.loss()).as("round %s", step).isEqualTo(expected.loss());
      changed = Runs.of(sum.parts());
      for (int r = 0; r < changed.length; r += 2) {
        for (int i = changed[r]; i < changed[r + 1]; i++) {
          params[i] -= 0.001f * sum.parts().values()[i];
        }
      }
      assertThat(sum.parts().dense()).as("round %s", step).isEqualTo(expected.parts().dense());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void any_number_of_executors_gives_the_same_bits(int executors) {
    start(WORK, executors, SumKind.SHARED, Map.of());
    assertThat(hub.shares()).isEqualTo(executors > 1);
    trainAndCompare(6, () -> false);
  }

  @Test
  void numbers_of_16_bits_are_rounded_on_the_same_ways() {
    start(WORK.with(Wire.BF16), 4, SumKind.SHARED, Map.of());
    trainAndCompare(6, () -> false);
  }

  @Test
  void without_shared_memory_the_network_carries_the_same_bits() {
    start(WORK, 4, SumKind.SHARED, Map.of(ClusterRounds.SHARED_MEMORY, "false"));
    trainAndCompare(6, () -> false);
  }

  @Test
  void authenticated_and_encrypted_connections_carry_the_same_bits() {
    start(
        WORK,
        3,
        SumKind.SHARED,
        Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.secret", "a secret",
            "spark.network.crypto.enabled", "true"));
    trainAndCompare(4, () -> false);
  }

  @Test
  void executors_that_own_nothing_take_part() {
    NumbersWork small = new NumbersWork(5, PARAMETERS, 50);
    start(small, 5, SumKind.SHARED, Map.of());
    trainAndCompare(4, () -> false);
  }

  /** The driver has one gradient in and the parameters out, with some bytes for every executor. */
  @Test
  void the_driver_s_bytes_do_not_grow_with_the_executors() throws Exception {
    long vector = (long) Float.BYTES * PARAMETERS;
    for (int executors : List.of(2, 8)) {
      NumbersWork dense = new NumbersWork(executors, PARAMETERS, 0);
      start(dense, executors, SumKind.SHARED, Map.of());
      float[] params = new float[PARAMETERS];
      round(0, params, Runs.all(PARAMETERS));
      network.takeTraffic();
      round(1, params, Runs.all(PARAMETERS));
      Traffic traffic = network.takeTraffic();
      assertThat(traffic.out()).isBetween(vector, vector + 1000L * executors);
      assertThat(traffic.in()).isBetween(vector / 2, vector + 1000L * executors);
      assertThat(network.takeSlowest().nanos()).isPositive();
      stop();
      spark = null;
      threads.clear();
      links.clear();
    }
  }

  @Test
  void an_evaluation_is_of_the_parameters_that_were_passed_on() {
    start(WORK, 4, SumKind.SHARED, Map.of());
    float[] params = new float[PARAMETERS];
    for (int step = 0; step < 3; step++) {
      for (int i = 0; i < PARAMETERS; i++) {
        params[i] = step + i % 7;
      }
      hub.begin(Command.evaluate(hub.nextRound(), Split.VALID, params), Runs.all(params.length));
      double sum = 0;
      for (int w = 0; w < plan.workers(); w++) {
        sum += hub.take().share().parts().stream().mapToDouble(p -> p.loss().sum()).sum();
      }
      WorkerShards alone = new WorkerShards(new WorkerPlan(new UUID(0, 0), 1, WORK), 0);
      double expected =
          alone.run(Command.evaluate(1, Split.VALID, params)).share().parts().stream()
              .mapToDouble(p -> p.loss().sum())
              .sum();
      assertThat(sum).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-3));
    }
  }

  /** Twenty of them, at any moment of any round; whoever is killed owned a part of the sums. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void executors_that_are_killed_change_nothing(long seed) throws Exception {
    start(WORK, 4, SumKind.SHARED, Map.of());
    SplittableRandom random = new SplittableRandom(seed);
    Thread killer =
        new Thread(
            () -> {
              for (int kills = 0; kills < 20; kills++) {
                // Rounds are shared again as soon as all are there.
                while (hub.present() < 4 || links.size() < 4) {
                  LockSupport.parkNanos(1_000_000);
                }
                LockSupport.parkNanos(random.nextLong(40_000_000));
                kill(random.nextInt(4));
              }
            });
    killer.start();
    trainAndCompare(1, killer::isAlive);
    killer.join();
    trainAndCompare(3, () -> false);
  }

  @Test
  void by_itself_a_small_gradient_stays_with_the_driver() {
    start(WORK, 4, SumKind.AUTO, Map.of());
    assertThat(hub.shares()).isFalse();
  }
}
