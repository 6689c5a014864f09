// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.Ending;
import org.unroll.spark.ops.Figures;
import org.unroll.spark.train.LanguageModelResult;

/** A run's figures as a small table for people. */
final class ResultTable {
  private ResultTable() {}

  static String of(LanguageModelResult result) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        result.best().valid() == null ? "training loss" : "validation loss",
        loss(result.best().watched()));
    if (result.training().test() != null) {
      rows.put("test loss", loss(result.training().test()));
    }
    String stopped =
        result.training().ending() == Ending.MAX_STEPS
            ? ", stopped after step " + Figures.count(result.training().rounds())
            : "";
    rows.put(
        "best epoch",
        result.training().bestEpoch() + " of " + result.training().epochs().size() + stopped);
    rows.put(
        "speed",
        Figures.rate(result.training().tokensPerSecond())
            + " tokens/s, "
            + Figures.duration(result.seconds())
            + " in all");
    rows.put("peak memory", result.memory().describe());
    rows.put("model", result.out());
    rows.put("report", result.out() + "/report.html");
    return text(rows);
  }

  /** Such as {@code 1.556 nats per token, perplexity 4.74, 2.245 bits per token}. */
  static String loss(Loss loss) {
    return Figures.loss(loss.mean())
        + " nats per token, perplexity "
        + Figures.perplexity(Math.exp(loss.mean()))
        + ", "
        + Figures.loss(loss.mean() / Math.log(2))
        + " bits per token";
  }

  static String text(Map<String, String> rows) {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    rows.forEach((name, value) -> text.append(("%-" + width + "s  %s%n").formatted(name, value)));
    return text.toString().stripTrailing();
  }
}
