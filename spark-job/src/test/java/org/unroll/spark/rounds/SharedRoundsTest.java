// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which drivers take the memory that a worker's process offers. */
@Timeout(600)
class SharedRoundsTest {
  private static final Path FOLDER = Path.of("/dev/shm");
  private static final WorkerPlan PLAN =
      new WorkerPlan(new UUID(1, 2), 1, new NumbersWork(1, 1000, 400));

  private JavaSparkContext spark;
  private RoundHub hub;
  private NetworkHub network;

  @BeforeEach
  void here() {
    assumeTrue(Files.isWritable(FOLDER), "this system keeps no files in memory");
  }

  private void start(Map<String, String> settings) {
    spark = LocalSpark.start("local[1]", settings);
    hub = new RoundHub(PLAN, () -> Duration.ofMinutes(10), () -> 1);
    network = new NetworkHub(PLAN, hub);
  }

  @AfterEach
  void stop() {
    if (spark != null) {
      hub.stop();
      network.close();
      spark.stop();
    }
  }

  private boolean offer(boolean hello) throws Exception {
    TransportConf conf = new TransportConf("unroll", MapConfigProvider.EMPTY);
    SharedMemory memory = SharedMemory.create(FOLDER, 1 << 12);
    try (TransportContext context = new TransportContext(conf, new NoOpRpcHandler());
        TransportClient worker =
            context
                .createClientFactory()
                .createClient(network.address().host(), network.address().port())) {
      if (hello) {
        worker.sendRpcSync(
            new Messages.Hello(Messages.VERSION, PLAN.run(), 1, 0, Transport.Address.NOWHERE)
                .write(),
            60_000);
      }
      ByteBuffer answer = worker.sendRpcSync(Messages.share(memory.key()), 60_000);
      return answer.hasRemaining() && Messages.kind(answer) == Messages.WAKE;
    } finally {
      memory.delete(FOLDER);
    }
  }

  @Test
  void a_driver_takes_it_from_a_worker_of_its_machine() throws Exception {
    start(Map.of());
    assertThat(offer(true)).isTrue();
  }

  @Test
  void a_driver_does_not_take_it_from_a_stranger() throws Exception {
    start(Map.of());
    assertThat(offer(false)).isFalse();
  }

  @Test
  void a_driver_that_shall_not_does_not() throws Exception {
    start(Map.of("spark.unroll.shared.memory", "false"));
    assertThat(offer(true)).isFalse();
  }

  @Test
  void what_is_to_be_encrypted_goes_over_the_network() {
    start(
        Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.secret", "a secret",
            "spark.network.crypto.enabled", "true"));
    assertThat(Transport.sharedFolder()).isEmpty();
  }
}
