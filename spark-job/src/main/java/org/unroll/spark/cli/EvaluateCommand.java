// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.task.EvaluateJob;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.RowTask;
import org.unroll.spark.task.TaskModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that scores a model on a data set. */
@Command(name = "evaluate", description = "Scores a model on a data set.")
final class EvaluateCommand extends BaseCommand {
  @Mixin ModelOption model;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description = "What to score" + RowOptions.FILES + ". Or a folder that prepare wrote.")
  List<String> input = new ArrayList<>();

  @Option(
      names = "--batch",
      paramLabel = "STREAMS",
      description =
          "Parts of the text that are read side by side, each from an empty state; 1 for one"
              + " unbroken stream.")
  @Range(min = 1)
  @OptionRule(tasks = TaskName.LM)
  int batch = 1;

  @Mixin DataOptions.Targets targets;

  @Mixin SearchOptions search;

  @Mixin TaskOptions.UnseenLabels unseenLabels;

  @Option(
      names = "--probe",
      paramLabel = "COLUMN",
      description =
          "Of models of states that were trained with --probe: where the agent is at each step, to"
              + " tell how much of it the states know (default: none).")
  @OptionRule(tasks = TaskName.STATE)
  String probe;

  @Mixin RowOptions rowOptions;

  @Override
  Map<String, Object> run() {
    OptionRules.require(input, "--input is missing: name what to score, as in --input test.txt.");
    TaskModel read = model.read();
    new OptionRules(spec).checkModel(read.task().name());
    return read.task() instanceof LanguageModel ? text(read) : rows(read.probing(probe));
  }

  private Map<String, Object> rows(TaskModel saved) {
    try (SparkRuntime spark = startSpark();
        RowSet data =
            saved.open(
                spark.session(),
                rowOptions.input(input).at(input, targets.files),
                rowOptions.choice(),
                true)) {
      boolean counted = unseenLabels.action == TaskOptions.UnseenLabels.Action.WRONG;
      RowTask.UnseenLabels unseen = counted ? saved.unseenLabels(data) : null;
      TaskModel scored = counted ? saved.counting(unseen) : saved;
      if (counted && unseen.count() > 0) {
        terminal().note(unseen.describe());
      }
      EvaluateJob.Score score =
          EvaluateJob.rows(spark.session(), scored, data, search.search(), rowOptions.onBadRow);
      Map<String, Object> figures = show(score, "scores", "rows");
      figures.put("skipped", score.skipped());
      if (counted) {
        figures.put("unseen_labels", unseen.count());
      }
      return figures;
    }
  }

  private Map<String, Object> text(TaskModel saved) {
    try (SparkRuntime spark = startSpark()) {
      return show(
          EvaluateJob.text(
              spark.session(), saved, rowOptions.input(input), rowOptions.choice(), batch),
          "loss",
          "tokens");
    }
  }

  /** Shows a score, and returns its figures. */
  private Map<String, Object> show(EvaluateJob.Score score, String name, String counted) {
    Map<String, Object> lines =
        Json.fields(name, score.words(), counted, Figures.count(score.scored()));
    if (score.skipped() > 0) {
      lines.put("left out", Figures.count(score.skipped()));
    }
    Map<String, Object> figures = new LinkedHashMap<>(score.figures());
    score.unknown().tell(figures, lines);
    result(ResultTable.text(lines));
    score.tables().forEach(found -> result("\n" + ResultTable.of(found)));
    figures.put(counted, score.scored());
    return figures;
  }
}
