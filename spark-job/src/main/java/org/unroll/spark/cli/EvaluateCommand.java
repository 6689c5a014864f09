// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.SparkRuntime;
import org.unroll.spark.io.SavedModel;
import org.unroll.spark.ops.Figures;
import org.unroll.spark.train.LanguageModelResult;
import org.unroll.spark.train.LanguageModelScore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores a model on a text. */
@Command(
    name = "evaluate",
    description = "Scores a model on a data set.",
    sortOptions = false,
    abbreviateSynopsis = true)
final class EvaluateCommand extends BaseCommand {
  @Mixin ModelOption model;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Text to score: a file, directory or glob on any Hadoop file system, .gz too; repeatable. Or"
              + " a folder that prepare wrote.")
  List<String> input = new ArrayList<>();

  @Option(
      names = "--batch",
      defaultValue = "1",
      paramLabel = "STREAMS",
      description =
          "Parts of the text that are read side by side, each from an empty state; 1 for one unbroken"
              + " stream (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int batch;

  EvaluateCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Map<String, Object> run() {
    if (input.isEmpty()) {
      throw new InputException(
          "--input is missing: name the text to score, as in --input test.txt.");
    }
    SavedModel saved = model.read();
    try (SparkRuntime spark = startSpark()) {
      LanguageModelScore score = LanguageModelScore.of(spark.session(), saved, input, batch);
      Map<String, String> rows = new LinkedHashMap<>();
      rows.put("loss", ResultTable.loss(score.loss()));
      rows.put("tokens", Figures.count(score.tokens()));
      result(ResultTable.text(rows));
      Map<String, Object> figures = LanguageModelResult.lossFigures(score.loss());
      figures.put("tokens", score.tokens());
      return figures;
    }
  }
}
