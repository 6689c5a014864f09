// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Gauge;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;
import org.unroll.spark.cluster.ClusterException;
import scala.jdk.javaapi.CollectionConverters;

/** The exchange over sockets, with both ends in this process. */
@Timeout(600)
class NetworkTest {
  private static final NumbersWork WORK = new NumbersWork(3, 1000, 400);
  private static final WorkerPlan PLAN = new WorkerPlan(new UUID(1, 2), 2, WORK);

  private JavaSparkContext spark;
  private RoundHub hub = new RoundHub(PLAN, () -> Duration.ofMinutes(10), () -> 2);
  private NetworkHub network;
  private final List<Thread> threads = new ArrayList<>();

  /** Frames of 255 floats: parameters and states are cut at odd places. */
  private void start(Map<String, String> settings) {
    spark = LocalSpark.start("local[1]", settings);
    spark.sc().conf().set("spark.unroll.chunk.size", "1k");
    network = new NetworkHub(PLAN, hub);
  }

  @AfterEach
  void stop() throws InterruptedException {
    hub.stop();
    for (Thread thread : threads) {
      thread.join();
    }
    network.close();
    spark.stop();
  }

  private WorkerLink connect(int worker) throws IOException, InterruptedException {
    return WorkerProcess.join(PLAN, network.address(), worker);
  }

  /** Starts a worker that leaves after each of these numbers of rounds, and comes again. */
  private void work(int worker, int... lives) {
    Thread thread =
        new Thread(
            () -> {
              for (int rounds : lives) {
                live(worker, rounds);
              }
            });
    thread.start();
    threads.add(thread);
  }

  private void live(int worker, int rounds) {
    WorkerShards shards = new WorkerShards(PLAN, worker);
    try (WorkerLink link = connect(worker)) {
      Command command = link.next(() -> false);
      for (int r = 0; r < rounds && command.kind() != Command.Kind.STOP; r++) {
        link.contribute(shards.run(command));
        command = link.next(() -> false);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private WeightedSum round(int step, float[] params) {
    network.tree().begin(hub.nextRound());
    hub.begin(
        Command.train(hub.nextRound(), new Window(0, step, step), params), Runs.all(params.length));
    for (int w = 0; w < PLAN.workers(); w++) {
      hub.take();
    }
    return network.tree().total();
  }

  private void trainAndCompare() {
    WorkerShards alone = new WorkerShards(new WorkerPlan(new UUID(0, 0), 1, WORK), 0);
    float[] params = new float[WORK.parameters()];
    for (int step = 0; step < 6; step++) {
      Arrays.fill(params, 0.1f * step);
      Command command = Command.train(step, new Window(0, step, step), params);
      WeightedSum expected = alone.run(command).sums().get(0);
      WeightedSum sum = round(step, params);
      assertThat(sum.parts().dense()).isEqualTo(expected.parts().dense());
      assertThat(sum.loss()).isEqualTo(expected.loss());
    }
  }

  @Test
  void sums_and_states_cross_unchanged() {
    start(Map.of());
    work(0, 100);
    work(1, 100);
    hub.awaitWorkers();
    trainAndCompare();
  }

  @Test
  void a_port_that_is_taken_is_passed_over_as_often_as_spark_may() throws Exception {
    try (ServerSocket other = new ServerSocket(0)) {
      int taken = other.getLocalPort();
      start(Map.of("spark.unroll.port", "" + taken));
      assertThat(network.address().port()).isNotEqualTo(taken);
      spark.sc().conf().set("spark.port.maxRetries", "0");
      assertThatThrownBy(() -> new NetworkHub(PLAN, hub))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("at any port from %d to %d", taken, taken)
          .hasMessageContaining("spark.unroll.port", "spark.port.maxRetries");
    }
  }

  @Test
  void contributions_tell_how_long_they_took() {
    start(Map.of());
    work(0, 100);
    work(1, 100);
    hub.awaitWorkers();
    float[] params = new float[WORK.parameters()];
    round(0, params);
    network.takeEncoding();
    network.tree().begin(hub.nextRound());
    hub.begin(Command.train(hub.nextRound(), new Window(0, 1, 1), params), Runs.all(params.length));
    for (int i = 0; i < PLAN.workers(); i++) {
      Contribution.Share arrival = hub.take().share();
      WorkerTimes times = arrival.times();
      int first = PLAN.firstShard(arrival.worker());
      assertThat(times.slowestShard()).isBetween(first, PLAN.firstShard(arrival.worker() + 1) - 1);
      assertThat(times.slowest()).isBetween(1L, times.compute());
      assertThat(times.encode()).as("of the round before").isPositive();
      assertThat(times.sum()).isPositive();
    }
    assertThat(network.takeEncoding()).isPositive();
    assertThat(network.takeEncoding()).isZero();
    assertThat(network.adding()).isPositive();
  }

  @Test
  void while_a_process_has_workers_spark_s_metrics_show_its_rounds() throws Exception {
    start(Map.of());
    MetricsSystem metrics = SparkEnv.get().metricsSystem();
    assertThat(CollectionConverters.asJava(metrics.getSourcesByName("unroll"))).isEmpty();
    work(0, 100);
    work(1, 100);
    hub.awaitWorkers();
    round(0, new float[WORK.parameters()]);
    round(1, new float[WORK.parameters()]);
    List<Source> shown = CollectionConverters.asJava(metrics.getSourcesByName("unroll"));
    assertThat(shown).hasSize(1);
    Map<String, Gauge> gauges = shown.get(0).metricRegistry().getGauges();
    assertThat(((Number) gauges.get("compute_ms").getValue()).doubleValue()).isPositive();
    assertThat(gauges.get("rounds").getValue()).isIn(2L, 3L, 4L);
    hub.stop();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(CollectionConverters.asJava(metrics.getSourcesByName("unroll"))).isEmpty();
  }

  @Test
  void a_worker_that_comes_again_gets_the_states() {
    start(Map.of());
    work(0, 3, 1, 100);
    work(1, 100);
    hub.awaitWorkers();
    trainAndCompare();
  }

  @Test
  void authenticated_and_encrypted_connections_carry_the_same_numbers() {
    start(
        Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.secret", "a secret",
            "spark.network.crypto.enabled", "true"));
    work(0, 100);
    work(1, 100);
    hub.awaitWorkers();
    trainAndCompare();
  }

  @Test
  void a_stranger_without_the_secret_is_not_heard() throws Exception {
    hub = new RoundHub(PLAN, () -> Duration.ZERO, () -> 0);
    start(Map.of("spark.authenticate", "true", "spark.authenticate.secret", "a secret"));
    TransportConf conf = new TransportConf("unroll", MapConfigProvider.EMPTY);
    try (TransportContext context = new TransportContext(conf, new NoOpRpcHandler());
        TransportClient stranger =
            context
                .createClientFactory()
                .createClient(network.address().host(), network.address().port())) {
      ByteBuffer hello =
          new Messages.Hello(Messages.VERSION, PLAN.run(), 1, 0, Transport.Address.NOWHERE).write();
      assertThatThrownBy(() -> stranger.sendRpcSync(hello, 60_000)).isNotNull();
    }
    assertThatThrownBy(hub::awaitWorkers).hasMessageStartingWith("Only 0 of 2 workers");
  }

  @Test
  void a_worker_of_another_run_is_refused_with_the_reason() {
    start(Map.of());
    WorkerPlan other = new WorkerPlan(new UUID(3, 4), 2, WORK);
    assertThatThrownBy(() -> WorkerProcess.join(other, network.address(), 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refused worker 1 of 2 (shard 1): it belongs to run " + other.run());
  }

  @Test
  void a_driver_that_cannot_be_reached_is_an_error() {
    start(Map.of());
    Transport.Address nowhere = new Transport.Address("127.0.0.1", 1);
    assertThatThrownBy(() -> WorkerProcess.join(PLAN, nowhere, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:1");
  }

  @Test
  void a_worker_that_loses_its_driver_ends() throws Exception {
    start(Map.of());
    try (WorkerLink link = connect(0)) {
      network.close();
      assertThatThrownBy(() -> link.next(() -> false))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the connection to the driver at")
          .hasMessageContaining("was lost");
    }
  }

  @Test
  void a_cancelled_task_does_not_wait_for_ever() throws Exception {
    start(Map.of());
    try (WorkerLink link = WorkerProcess.join(PLAN, network.address(), 0)) {
      assertThatThrownBy(() -> link.next(() -> true)).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void the_driver_hears_what_is_wrong_with_the_data() throws Exception {
    start(Map.of());
    try (WorkerLink link = connect(1)) {
      link.report(true, NumbersWork.BAD_DATA);
    }
    assertThatThrownBy(hub::awaitWorkers)
        .isInstanceOf(InputException.class)
        .hasMessage(NumbersWork.BAD_DATA);
  }

  @Test
  void a_message_that_is_not_due_closes_the_connection() throws Exception {
    start(Map.of());
    TransportConf conf = new TransportConf("unroll", MapConfigProvider.EMPTY);
    try (TransportContext context = new TransportContext(conf, new NoOpRpcHandler());
        TransportClient stranger =
            context
                .createClientFactory()
                .createClient(network.address().host(), network.address().port())) {
      stranger.send(Messages.leave(1));
      while (stranger.isActive()) {
        Thread.sleep(10);
      }
    }
  }

  @Test
  void a_fixed_port_that_is_taken_is_followed_by_the_next() {
    start(Map.of());
    int taken = network.address().port();
    spark.sc().conf().set("spark.unroll.port", "" + taken);
    try (NetworkHub second = new NetworkHub(PLAN, hub)) {
      assertThat(second.address().port()).isBetween(taken + 1, taken + 16);
    }
  }
}
