// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.network.Search;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.AnswersPage;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.task.RowErrors;
import org.unroll.spark.task.TaskModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that shows what a decoder looked at while it wrote. */
@Command(
    name = "attention",
    description =
        "Shows what a model that writes looked at: at each token of a translation, a caption or an"
            + " answer, how much of what was read.")
final class InspectAttentionCommand extends InspectCommand.Reading {
  @Option(
      names = "--rows",
      paramLabel = "COUNT",
      description = "Of --input: the first rows, which are shown.")
  @Range(min = 1, max = 100)
  int rows = 6;

  @Mixin SearchOptions search;

  @Override
  Map<String, Object> run() {
    requirePage();
    TaskModel read = model.read();
    requireOneInput();
    new OptionRules(spec).checkModel(read.task().name(), SearchOptions.class);
    List<Report.Example> examples = examples(read, search.search());
    List<Object> told = new ArrayList<>();
    for (Report.Example example : examples) {
      result("%s\n  %s".formatted(example.read(), example.said()));
      Map<String, Object> fields = Json.fields("read", example.read(), "said", example.said());
      if (example.attention() != null) { // of rows that are very long there is none
        fields.put("read_tokens", example.attention().read());
        fields.put("written_tokens", example.attention().written());
        fields.put("attention", example.attention().weights());
      }
      told.add(fields);
    }
    Map<String, Object> figures = Json.fields("rows", told);
    String summary =
        "%s answered by a model of the task %s."
            .formatted(Figures.count(examples.size(), "row"), read.task().name());
    write(() -> AnswersPage.ofAttention(model.model, summary, examples), figures);
    return figures;
  }

  private List<Report.Example> examples(TaskModel read, Search how) {
    if (input == null) {
      return RowErrors.attention(model.model, read, List.of(read.typed(text()).row()), how);
    }
    try (SparkRuntime spark = startSpark();
        RowSet data = rows(spark, read, false)) {
      List<SequenceRow> first = data.rows().take(rows);
      return RowErrors.attention(model.model, read, first, how);
    }
  }
}
