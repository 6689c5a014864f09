// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.UnrollRegistrator;

class SparkRuntimeTest {
  @AfterEach
  void forget() {
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("spark."));
  }

  @Test
  void without_a_master_all_cores_of_this_machine_work() {
    assertThat(SparkRuntime.conf("unroll train", null).get("spark.master")).isEqualTo("local[*]");
  }

  @Test
  void the_master_asked_for_wins_over_that_of_spark_submit() {
    System.setProperty("spark.master", "spark://there:7077");
    assertThat(SparkRuntime.conf("unroll train", null).get("spark.master"))
        .isEqualTo("spark://there:7077");
    assertThat(SparkRuntime.conf("unroll train", "local[3]").get("spark.master"))
        .isEqualTo("local[3]");
  }

  @Test
  void the_command_names_the_application_unless_it_has_a_name() {
    System.setProperty("spark.app.name", "org.unroll.spark.Main");
    assertThat(SparkRuntime.conf("unroll train", null).get("spark.app.name"))
        .isEqualTo("unroll train");
    System.setProperty("spark.app.name", "nightly");
    assertThat(SparkRuntime.conf("unroll train", null).get("spark.app.name")).isEqualTo("nightly");
  }

  @Test
  void kryo_refuses_classes_that_nobody_registered() {
    SparkConf conf = SparkRuntime.conf("unroll train", null);
    assertThat(conf.get("spark.serializer")).endsWith("KryoSerializer");
    assertThat(conf.get("spark.kryo.registrationRequired")).isEqualTo("true");
    assertThat(conf.get("spark.kryo.registrator")).isEqualTo(UnrollRegistrator.class.getName());
  }

  @Test
  void somebody_elses_registrator_stays() {
    System.setProperty("spark.kryo.registrator", "org.example.Ours");
    assertThat(SparkRuntime.conf("unroll train", null).get("spark.kryo.registrator"))
        .isEqualTo("org.example.Ours," + UnrollRegistrator.class.getName());
  }

  @Test
  void the_page_of_spark_is_for_clusters_or_when_asked_for() {
    assertThat(SparkRuntime.conf("u", "local[2]").get("spark.ui.enabled")).isEqualTo("false");
    assertThat(SparkRuntime.conf("u", "local-cluster[2,1,1024]").contains("spark.ui.enabled"))
        .isFalse();
    SparkRuntime.set(Map.of("spark.ui.enabled", "true"));
    assertThat(SparkRuntime.conf("u", "local[2]").get("spark.ui.enabled")).isEqualTo("true");
  }

  @Test
  void settings_that_come_too_late_are_refused() {
    assertThatThrownBy(() -> SparkRuntime.set(Map.of("spark.driver.memory", "4g")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--driver-memory");
  }

  @Test
  void a_master_that_nobody_reaches_is_told_at_once() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    String master = "spark://127.0.0.1:" + closed;
    assertThatThrownBy(() -> SparkRuntime.start("unroll test", master, false))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith(
            "No Spark master can be reached at " + master + " (Connection refus")
        .hasMessageContaining("scripts/cluster start");
  }

  @Test
  void one_of_several_masters_is_enough() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      assertThatCode(
              () ->
                  SparkRuntime.requireReachable(
                      "spark://127.0.0.1:1,localhost:" + socket.getLocalPort()))
          .doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spark://there", "spark://there:port", "spark://:7077", "spark://a:99999"})
  void a_master_without_a_host_or_a_port_is_refused(String master) {
    assertThatThrownBy(() -> SparkRuntime.requireReachable(master))
        .isInstanceOf(InputException.class);
  }

  @Test
  void a_session_starts_and_ends() {
    try (SparkRuntime spark = SparkRuntime.start("unroll test", "local[1]", false)) {
      assertThat(spark.session().range(10).count()).isEqualTo(10);
    }
  }
}
