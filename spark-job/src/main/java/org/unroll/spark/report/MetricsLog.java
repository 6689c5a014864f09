// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.EpochMetrics;

/** Writes and reads the file {@code metrics.jsonl}: one JSON object a line for every epoch. */
public final class MetricsLog {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final String ADVICE = ". Restore the folder from a copy or train again.";

  private MetricsLog() {}

  /**
   * What is read of an epoch; NaN is what it does not tell, or was no number.
   *
   * @param train the training loss
   * @param valid the validation loss
   * @param figure the number of the task's measure
   * @param seconds in its training rounds
   */
  public record Epoch(double train, double valid, double figure, double seconds) {}

  /** Returns the whole file. */
  public static byte[] file(List<EpochMetrics> epochs, Measure measure) {
    return epochs.stream()
        .map(epoch -> line(epoch, measure))
        .collect(Collectors.joining("\n", "", "\n"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a file.
   *
   * @param source what messages call it
   * @param figure the name of the measure of the task that was trained
   * @return at least one epoch
   * @throws InputException if it is damaged, naming the line
   */
  public static List<Epoch> read(InputStream in, String source, String figure) throws IOException {
    List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    if (lines.isEmpty()) {
      throw new InputException(source + " is empty, but has a line for every epoch" + ADVICE);
    }
    List<Epoch> epochs = new ArrayList<>();
    for (String line : lines) {
      epochs.add(epoch(line, epochs.size() + 1, source, figure));
    }
    return epochs;
  }

  private static Epoch epoch(String line, int number, String source, String figure) {
    String place = "%s, line %s, ".formatted(source, number);
    JsonNode json;
    try {
      json = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InputException(place + "is no JSON: " + e.getOriginalMessage() + ADVICE, e);
    }
    if (json.path("epoch").asInt() != number || !json.has("loss")) {
      throw new InputException(place + "is not the line of epoch " + number + ADVICE);
    }
    return new Epoch(
        number(json, "loss"),
        number(json, "valid_loss"),
        number(json, figure),
        number(json, "seconds"));
  }

  private static double number(JsonNode json, String field) {
    return json.path(field).isNumber() ? json.get(field).doubleValue() : Double.NaN;
  }

  /**
   * Returns the line of one epoch: {@code loss} is the training loss, and the measure's number that
   * of the validation data where there is such. The times are means of its rounds, and the slowest
   * shard is the one that was it in most of them.
   */
  static String line(EpochMetrics epoch, Measure measure) {
    Map<String, Object> fields =
        Json.fields("epoch", epoch.epoch(), "step", epoch.step(), "loss", epoch.train().mean());
    if (epoch.valid() != null) {
      fields.put("valid_loss", epoch.valid().mean());
    }
    if (measure.tells(epoch)) {
      fields.put(measure.name(), measure.value(epoch));
    }
    fields.put("lr", epoch.lr());
    fields.put("gradient_norm", epoch.gradientNorm());
    fields.put("seconds", epoch.seconds());
    fields.put(measure.rateName(), epoch.tokensPerSecond());
    fields.putAll(RoundFigures.of(epoch.times()));
    return Json.line(fields);
  }
}
