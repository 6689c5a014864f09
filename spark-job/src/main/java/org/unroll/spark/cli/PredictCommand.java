// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Search;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.store.OutputFolder;
import org.unroll.spark.task.PredictJob;
import org.unroll.spark.task.TaskModel;
import org.unroll.spark.task.Writing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that has a model answer for the rows of a data set. */
@Command(
    name = "predict",
    description = "Has a model answer for the rows of a data set, as a Spark job.")
final class PredictCommand extends BaseCommand {
  @Mixin ModelOption model;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Rows to answer for"
              + RowOptions.FILES
              + ". Or a folder that prepare wrote as documents.")
  List<String> input = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "New folder for the answers, on any Hadoop file system.")
  String out;

  @Option(
      names = "--overwrite",
      description = "Replace the answers that are in the folder (default: refuse to).")
  boolean overwrite;

  @Option(
      names = "--out-format",
      description =
          "csv, tsv, jsonl or parquet (default: told by the name of --out, otherwise jsonl).")
  PredictJob.Format outFormat;

  @Mixin SearchOptions search;

  @Mixin SamplingOptions sampling;

  @Option(
      names = "--n-best",
      paramLabel = "COUNT",
      description = "Of --beam: tell so many answers, the best first.")
  @Range(min = 1)
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  int best = 1;

  @Option(
      names = "--alignment",
      description =
          "Of translate, caption and execute: tell for each token of the answer how much of each step"
              + " that was read was looked at (default: no).")
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  boolean alignment;

  @Option(
      names = "--say",
      paramLabel = "TEXT",
      description =
          "Answer this text instead of --input, and show the answer instead of --out; \\n is the"
              + " end of a line (default: none).")
  String said;

  @Mixin RowOptions rowOptions;

  @Override
  Map<String, Object> run() {
    if (said != null) {
      return answer();
    }
    OptionRules.require(
        input, "--input is missing: name the rows to answer for, as in --input reviews.tsv.");
    OptionRules.require(
        out, "--out is missing: name a new folder for the answers, as in --out answers.csv.");
    TaskModel saved = read();
    OutputFolder folder = OutputFolder.free(out, overwrite, PredictJob.ANSWERS);
    try (SparkRuntime spark = startSpark();
        RowSet data =
            saved.open(spark.session(), rowOptions.input(input), rowOptions.choice(), false)) {
      long rows = PredictJob.write(spark.session(), saved, data, search(), folder, format());
      String shown = folder.show();
      result("Wrote the answers for %s to %s.".formatted(Figures.count(rows, "row"), shown));
      if (data.skipped() > 0) {
        result(
            "%s left out, the first is %s."
                .formatted(Figures.count(data.skipped(), "row"), data.firstSkipped()));
      }
      Map<String, Object> figures =
          Json.fields("rows", rows, "skipped", data.skipped(), "out", shown);
      Map<String, Object> lines = new LinkedHashMap<>();
      PredictJob.unknown(spark.session(), saved, data).tell(figures, lines);
      if (!lines.isEmpty()) {
        result(ResultTable.text(lines));
      }
      return figures;
    }
  }

  private TaskModel read() {
    TaskModel saved = model.read();
    new OptionRules(spec).checkModel(saved.task().name(), RowOptions.class);
    return saved.telling(new Writing.Form(0, 0, best, alignment));
  }

  private Search search() {
    return search.search(best, sampling.samplingOrNull(search.beam, seed));
  }

  /** Answers what was typed, without Spark. */
  private Map<String, Object> answer() {
    if (!input.isEmpty() || out != null) {
      throw new InputException(
          "--say answers a text that is typed, so %s says nothing: leave one of them out."
              .formatted(input.isEmpty() ? "--out" : "--input"));
    }
    TaskModel saved = read();
    Map<String, Object> told = saved.answer(said.replace("\\n", "\n"), search());
    Map<String, Object> lines = new LinkedHashMap<>(told);
    lines.replaceAll((name, value) -> PredictJob.joined(value, saved.task()));
    result(ResultTable.text(lines));
    return told;
  }

  private PredictJob.Format format() {
    String name = out.toLowerCase(Locale.ROOT).replaceFirst("/+$", "");
    return Stream.of(PredictJob.Format.values())
        .filter(f -> outFormat == null ? name.endsWith("." + Converters.name(f)) : f == outFormat)
        .findFirst()
        .orElse(PredictJob.Format.JSONL);
  }
}
