// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.Comparison;
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
              + " unbroken stream, or with --against for as many as its length allows, up to 200.")
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

  @Option(
      names = "--against",
      paramLabel = "DIR",
      description =
          "A model of the same task that the one of --model is compared with on the same rows or"
              + " text: the difference with an interval, also by label; a folder, or one of a"
              + " registry (default: none).")
  @OptionRule(notWith = "--probe", why = "do not go together")
  String against;

  @Option(
      names = "--slice",
      paramLabel = "COLUMN",
      description =
          "Of --against: a column whose values part the rows, so that the models are compared on"
              + " each, or the"
              + " COLUMN of folders COLUMN=VALUE; repeatable (default: none).")
  @OptionRule(notTasks = TaskName.LM, needs = "--against")
  List<String> slices = new ArrayList<>();

  @Option(
      names = "--confidence",
      paramLabel = "SHARE",
      description = "Of --against: how many of a hundred such intervals have the true difference.")
  @Range(min = 0, above = true, max = 1, below = true)
  @OptionRule(needs = "--against")
  double confidence = 0.95;

  @Mixin RowOptions rowOptions;

  @Override
  Map<String, Object> run() {
    OptionRules.require(input, "--input is missing: name what to score, as in --input test.txt.");
    TaskModel read = model.read();
    new OptionRules(spec).checkModel(read.task().name());
    boolean text = read.task() instanceof LanguageModel;
    if (against == null) {
      return text ? text(read) : rows(read.probing(probe));
    }
    TaskModel other = TaskModel.of(ModelStore.read(against));
    Comparison.requireComparable(other, read);
    return text ? textAgainst(read, other) : rowsAgainst(read.probing(null), other.probing(null));
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

  private Map<String, Object> rowsAgainst(TaskModel saved, TaskModel other) {
    RowsInput from = rowOptions.input(input).at(input, targets.files);
    ColumnChoice choice = rowOptions.choice().slicedBy(slices);
    try (SparkRuntime spark = startSpark();
        RowSet data = saved.open(spark.session(), from, choice, true);
        RowSet same = openOther(spark.session(), other, from, choice)) {
      return show(
          Comparison.rows(
              spark.session(), other, saved, same, data, Comparison.Parts.USUAL, trial()),
          "scores");
    }
  }

  /** Opens what the other model reads of rows that the first one can read. */
  private static RowSet openOther(
      SparkSession session, TaskModel other, RowsInput from, ColumnChoice choice) {
    try {
      return other.open(session, from, choice, true);
    } catch (InputException e) {
      throw new InputException("The model of --against reads other rows: " + e.getMessage(), e);
    }
  }

  private Map<String, Object> textAgainst(TaskModel saved, TaskModel other) {
    try (SparkRuntime spark = startSpark()) {
      return show(
          Comparison.text(
              spark.session(),
              other,
              saved,
              List.of(rowOptions.input(input)),
              rowOptions.choice(),
              batch == 1 ? 0 : batch,
              null,
              trial()),
          "loss");
    }
  }

  private Comparison.Trial trial() {
    return new Comparison.Trial(search.search(), rowOptions.onBadRow, confidence, seed);
  }

  /** Shows what both models come to, and returns the figures. */
  private Map<String, Object> show(Comparison comparison, String name) {
    comparison.notes().forEach(terminal()::note);
    EvaluateJob.Score score = comparison.ofB();
    Map<String, Object> lines =
        Json.fields(
            name,
            score.words(),
            "against",
            comparison.ofA().words(),
            comparison.counted(),
            Figures.count(comparison.all().rows()));
    if (score.skipped() > 0) {
      lines.put("left out", Figures.count(score.skipped()));
    }
    Map<String, Object> figures = new LinkedHashMap<>(score.figures());
    score.unknown().tell(figures, lines);
    lines.put("gain", comparison.words());
    result(ResultTable.text(lines));
    result("\n" + ResultTable.of(comparison.table("against", "model")));
    figures.put(comparison.counted(), comparison.all().rows());
    figures.put("skipped", score.skipped());
    figures.put("against", comparison.ofA().figures());
    figures.put("comparison", comparison.figures());
    return figures;
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
    score.findings().inRows().forEach(found -> result("\n" + ResultTable.of(found)));
    if (!score.findings().lengths().isEmpty()) {
      result("\n" + ResultTable.of(score.findings().lengths().table()));
    }
    figures.put(counted, score.scored());
    return figures;
  }
}
