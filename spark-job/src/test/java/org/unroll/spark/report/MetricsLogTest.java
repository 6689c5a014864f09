// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsLogTest {
  @Test
  void every_epoch_is_a_line_of_json() throws Exception {
    String file =
        new String(
            MetricsLog.file(Epochs.of(3, 2, true), Measure.LANGUAGE_MODEL), StandardCharsets.UTF_8);
    List<String> lines = file.lines().toList();
    assertThat(file).endsWith("}\n");
    assertThat(lines).hasSize(3);
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    assertThat(second.get("epoch").intValue()).isEqualTo(2);
    assertThat(second.get("step").longValue()).isEqualTo(200);
    assertThat(second.get("loss").doubleValue()).isEqualTo(1.9);
    assertThat(second.get("valid_loss").doubleValue()).isEqualTo(1.5);
    assertThat(second.get("perplexity").doubleValue()).isEqualTo(Math.exp(1.5));
    assertThat(second.get("lr").doubleValue()).isEqualTo(0.002);
    assertThat(second.has("gradient_norm") && second.has("seconds")).isTrue();
    assertThat(second.get("tokens_per_second").doubleValue()).isEqualTo(31204);
    Epochs.TIMES
        .parts()
        .forEach(
            (part, seconds) ->
                assertThat(second.get(part + "_ms").doubleValue())
                    .as(part)
                    .isEqualTo(1000 * seconds));
    assertThat(second.get("round_ms").doubleValue()).isCloseTo(125, within(1e-9));
    assertThat(second.get("slowest_shard").intValue()).isEqualTo(3);
  }

  @Test
  void without_validation_data_the_perplexity_is_that_of_the_training() throws Exception {
    JsonNode line =
        new ObjectMapper()
            .readTree(MetricsLog.line(Epochs.of(1, 1, false).get(0), Measure.LANGUAGE_MODEL));
    assertThat(line.has("valid_loss")).isFalse();
    assertThat(line.get("perplexity").doubleValue()).isEqualTo(Math.exp(2.5));
  }

  @Test
  void what_was_written_is_read_and_what_was_no_number_is_none() throws Exception {
    Measure measure = new Measure("accuracy", false, "nats per sequence", "sequences");
    String file =
        new String(MetricsLog.file(Epochs.of(2, 1, true), measure), StandardCharsets.UTF_8)
            + "{\"epoch\":3,\"loss\":null,\"accuracy\":0.5}\n";
    List<MetricsLog.Epoch> read =
        MetricsLog.read(
            new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)),
            "m.jsonl",
            measure.name());
    assertThat(read)
        .containsExactly(
            new MetricsLog.Epoch(2.5, 1.5, Double.NaN, 12.5),
            new MetricsLog.Epoch(1.9, 1.512, Double.NaN, 12.5),
            new MetricsLog.Epoch(Double.NaN, Double.NaN, 0.5, Double.NaN));
  }
}
