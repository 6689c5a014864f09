// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.MetricRegistryListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.metrics.sink.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** What Spark's metrics system sees of a training. */
class SparkMetricsTest {
  private static final String PREFIX = "driver.unroll.";
  private static final Map<String, Gauge<?>> ADDED = new ConcurrentHashMap<>();
  private static final Set<String> REMOVED = ConcurrentHashMap.newKeySet();

  /** A sink as Spark makes them by name; it hears of metrics that come and go. */
  public static final class Listening implements Sink {
    public Listening(Properties properties, MetricRegistry registry) {
      registry.addListener(
          new MetricRegistryListener.Base() {
            @Override
            public void onGaugeAdded(String name, Gauge<?> gauge) {
              int at = name.indexOf(PREFIX);
              if (at >= 0) {
                ADDED.put(name.substring(at + PREFIX.length()), gauge);
              }
            }

            @Override
            public void onGaugeRemoved(String name) {
              int at = name.indexOf(PREFIX);
              if (at >= 0) {
                REMOVED.add(name.substring(at + PREFIX.length()));
              }
            }
          });
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public void report() {}
  }

  private static double value(String name) {
    return ((Number) ADDED.get(name).getValue()).doubleValue();
  }

  @Test
  void a_sink_sees_the_rounds_while_they_last(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("sea.txt"), "the sea is wide.\n".repeat(80));
    Outcome trained =
        Shell.run(
            "train",
            "--task",
            "lm",
            "--input",
            text.toString(),
            "--out",
            folder.resolve("model").toString(),
            "--master",
            "local[2]",
            "--shards",
            "2",
            "--batch",
            "4",
            "--window",
            "20",
            "--epochs",
            "2",
            "--layers",
            "1",
            "--hidden",
            "8",
            "--embedding",
            "8",
            "--json",
            "--conf",
            "spark.metrics.conf.driver.sink.listening.class=" + Listening.class.getName());
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    JsonNode figures = new ObjectMapper().readTree(trained.lastLine());
    assertThat(ADDED.keySet())
        .containsExactlyInAnyOrder(
            "epoch",
            "rounds",
            "loss",
            "tokens_per_second",
            "round_ms",
            "compute_ms",
            "wait_ms",
            "encode_ms",
            "wire_ms",
            "sum_ms",
            "step_ms",
            "slowest_shard");
    assertThat(REMOVED).isEqualTo(ADDED.keySet());
    assertThat(value("epoch")).isEqualTo(2);
    assertThat(value("rounds")).isEqualTo(figures.get("rounds").doubleValue());
    assertThat(value("loss")).isBetween(0.0, 4.0);
    assertThat(value("tokens_per_second")).isPositive();
    assertThat(value("compute_ms")).isBetween(Double.MIN_VALUE, value("round_ms"));
    assertThat(value("slowest_shard")).isBetween(1.0, 2.0);
    assertThat(figures.get("compute_ms").doubleValue())
        .isBetween(Double.MIN_VALUE, figures.get("round_ms").doubleValue());
  }
}
