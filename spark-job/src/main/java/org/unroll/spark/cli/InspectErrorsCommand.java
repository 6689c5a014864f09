// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.Surprises;
import org.unroll.spark.report.AnswersPage;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.task.EvaluateJob;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.RowErrors;
import org.unroll.spark.task.TaskModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that shows what a model is wrong about. */
@Command(
    name = "errors",
    description =
        "Shows what a model is wrong about: the labelled rows that it is most wrong about, labels taken"
            + " for each other, how sure it is; of a language model the tokens of a text that it did not"
            + " expect.")
final class InspectErrorsCommand extends InspectCommand.Reading {
  @Option(
      names = "--worst",
      paramLabel = "COUNT",
      description = "The rows, or the tokens of a text, that are shown as the worst.")
  @Range(min = 1, max = 1000)
  int worst = 20;

  @Option(
      names = "--tokens",
      paramLabel = "COUNT",
      description = "The first tokens of a text, which the page shows; all are scored.")
  @Range(min = 1, max = 20_000)
  @OptionRule(tasks = TaskName.LM)
  int tokens = 2000;

  @Mixin SearchOptions search;

  @Override
  Map<String, Object> run() {
    requirePage();
    TaskModel read = model.read();
    requireOneInput();
    new OptionRules(spec).checkModel(read.task().name());
    return read.task() instanceof LanguageModel ? surprises(read) : rows(read);
  }

  private Map<String, Object> surprises(TaskModel read) {
    Surprises surprises = Surprises.of(model.model, read, text());
    Map<String, Object> figures = surprises.figures(worst);
    result(ResultTable.text(surprises.lines()));
    write(() -> surprises.page(tokens, worst), figures);
    return figures;
  }

  private Map<String, Object> rows(TaskModel read) {
    OptionRules.require(
        input,
        "--input is missing: errors of a model of task %s are found in labelled rows, as in --input"
                .formatted(read.task().name())
            + " valid.jsonl.");
    try (SparkRuntime spark = startSpark();
        RowSet data = rows(spark, read, true)) {
      EvaluateJob.Score score =
          EvaluateJob.rows(spark.session(), read, data, search.search(), OnBadRow.FAIL);
      List<Report.Example> examples =
          RowErrors.worst(spark.session(), read, data, search.search(), worst);
      Map<String, Object> figures = Json.fields("scores", score.figures(), "rows", score.scored());
      figures.put("worst", figures(examples));
      result(
          ResultTable.text(
              Json.fields("scores", score.words(), "rows", Figures.count(score.scored()))));
      String summary =
          "%s of %s, of which those are shown that the model is most wrong about."
              .formatted(Figures.count(score.scored(), "row"), input);
      write(
          () ->
              AnswersPage.ofErrors(
                  model.model,
                  summary,
                  score.page(read.task().measure(), "these rows"),
                  score.findings(),
                  examples),
          figures);
      return figures;
    }
  }

  private static List<Object> figures(List<Report.Example> examples) {
    List<Object> told = new ArrayList<>();
    for (Report.Example example : examples) {
      told.add(
          Json.fields(
              "where", example.caption(),
              "read", example.read(),
              "said", example.said(),
              "right", example.right()));
    }
    return told;
  }
}
