// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.train.EpochMetrics;

/** Writes the file {@code metrics.jsonl}: one JSON object a line for every epoch. */
public final class MetricsLog {
  private MetricsLog() {}

  /** Returns the whole file. */
  public static byte[] file(List<EpochMetrics> epochs, Measure measure) {
    return epochs.stream()
        .map(epoch -> line(epoch, measure))
        .collect(Collectors.joining("\n", "", "\n"))
        .getBytes(StandardCharsets.UTF_8);
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
