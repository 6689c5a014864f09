// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.LanguageModelResult;
import org.unroll.spark.task.LanguageModelScore;
import org.unroll.spark.task.OnUnseenLabel;
import org.unroll.spark.task.ReadingModel;
import org.unroll.spark.task.ReadingScore;
import org.unroll.spark.task.UnseenLabels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores a model on a text. */
@Command(name = "evaluate", description = "Scores a model on a data set.")
final class EvaluateCommand extends BaseCommand {
  @Mixin ModelOption model;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "What to score: a file, directory or glob on any Hadoop file system, .gz too; repeatable."
              + " For a language model a folder that prepare wrote as well.")
  List<String> input = new ArrayList<>();

  @Option(
      names = "--batch",
      defaultValue = "1",
      paramLabel = "STREAMS",
      description =
          "Parts of the text that are read side by side, each from an empty state; 1 for one"
              + " unbroken stream.")
  @Range(min = 1)
  @OptionRule(tasks = Task.LM)
  int batch;

  @Mixin TaskOptions.Beam beam;

  @Mixin TaskOptions.UnseenLabels unseenLabels;

  @Option(
      names = "--probe",
      paramLabel = "COLUMN",
      description =
          "Of models of states that were trained with --probe: where the agent is at each step, to"
              + " tell how much of it the states know (default: none).")
  @OptionRule(tasks = Task.STATE)
  String probe;

  @Mixin TableOptions table;

  @Override
  Map<String, Object> run() {
    if (input.isEmpty()) {
      throw new InputException("--input is missing: name what to score, as in --input test.txt.");
    }
    String task = model.task();
    new OptionRules(spec).checkModel(task);
    return task.equals(Converters.name(Task.LM)) ? languageModel() : readingTask();
  }

  private Map<String, Object> readingTask() {
    ReadingModel saved = model.readReading().probing(probe);
    try (SparkRuntime spark = startSpark();
        RowSet data =
            RowSet.open(
                spark.session(),
                table.spec(input),
                saved.choice(table.choice(LabelKind.NONE, false), true),
                saved.splitter(),
                saved.channels())) {
      UnseenLabels unseen = null;
      ReadingModel scored = saved;
      if (unseenLabels.action == OnUnseenLabel.WRONG) {
        unseen = saved.unseenLabels(data);
        scored = saved.counting(unseen);
        if (unseen.count() > 0) {
          terminal().note(unseen.describe());
        }
      }
      ReadingScore score =
          ReadingScore.of(spark.session(), scored, data, beam.prefixes, table.onBadRow);
      Map<String, String> rows = new LinkedHashMap<>();
      rows.put("scores", ResultTable.scores(score));
      rows.put("rows", Figures.count(score.rows()));
      if (score.skipped() > 0) {
        rows.put("left out", Figures.count(score.skipped()));
      }
      result(ResultTable.text(rows));
      score.tables().forEach(found -> result("\n" + ResultTable.of(found)));
      Map<String, Object> figures = new LinkedHashMap<>(score.figures());
      figures.put("rows", score.rows());
      figures.put("skipped", score.skipped());
      if (unseen != null) {
        figures.put("unseen_labels", unseen.count());
      }
      return figures;
    }
  }

  private Map<String, Object> languageModel() {
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
