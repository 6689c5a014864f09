// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.corpus.PreparedRows;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads sequences as the tasks do, and tells what is in them. */
@Command(
    name = "describe",
    description =
        "Checks labelled sequences and counts what is in them: rows, lengths, tokens, channels and"
            + " labels.")
final class DescribeCommand extends BaseCommand {
  private static final int MOST_SHOWN = 20;
  private static final int MOST_FIGURES = 1000;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Sequences" + RowOptions.FILES + ". Or a folder that prepare wrote as documents.")
  List<String> input = new ArrayList<>();

  @Option(
      names = "--labels",
      paramLabel = "KIND",
      description =
          "What the label column has: none, class (one for the sequence), steps (one for each step),"
              + " texts (one or several, to be written about the sequence) or numbers (default: steps for conll and conllu, else class if there is such a"
              + " column).")
  LabelKind labels;

  @Mixin RowOptions rowOptions;

  @Override
  Map<String, Object> run() {
    OptionRules.require(
        input, "--input is missing: name the sequences to read, as in --input reviews.tsv.");
    LabelKind kind = labels == null ? LabelKind.USUAL : labels;
    try (SparkRuntime spark = startSpark();
        RowSet data =
            PreparedRows.open(
                spark.session(), rowOptions.input(input), rowOptions.choice(kind, true), null, 0)) {
      return describe(data, kind);
    }
  }

  private Map<String, Object> describe(RowSet data, LabelKind kind) {
    Map<String, Object> figures =
        Json.fields(
            "format", data.format(),
            "rows", data.count(),
            "skipped", data.skipped(),
            "steps", data.steps(),
            "longest", data.longest());
    line("format", data.format());
    line("rows", Figures.count(data.count()));
    if (data.skipped() > 0) {
      line("left out", Figures.count(data.skipped()) + ", the first is " + data.firstSkipped());
    }
    line("steps", Figures.count(data.steps()) + ", the longest row has " + data.longest());
    tokens(data, figures);
    numbers(data, figures);
    if (kind == LabelKind.TEXTS) {
      texts(data, figures);
    } else if (data.columns().label() != null && kind != LabelKind.NUMBERS) {
      labels(data, figures);
    }
    figures.put("hash", data.hash());
    return figures;
  }

  private void tokens(RowSet data, Map<String, Object> figures) {
    Map<String, Long> types = new LinkedHashMap<>();
    for (int c = 0; c < data.columns().text().size(); c++) {
      String column = data.columns().text().get(c);
      types.put(column, data.tokens(c).count());
      line("tokens", Figures.count(types.get(column)) + " different in column " + column);
    }
    figures.put("types", types);
  }

  private void numbers(RowSet data, Map<String, Object> figures) {
    figures.put("channels", data.channels());
    if (data.channels() == 0) {
      return;
    }
    ChannelStatistics statistics = data.statistics();
    long missing = 0;
    for (int d = 0; d < data.channels(); d++) {
      missing += data.steps() - statistics.counts()[d];
      if (d < MOST_SHOWN) {
        line(
            "channel " + (d + 1),
            "mean %s, deviation %s"
                .formatted(
                    Figures.significant(statistics.means()[d]),
                    Figures.significant(statistics.deviations()[d])));
      }
    }
    line("missing", Figures.count(missing) + " numbers");
    figures.put("missing", missing);
    figures.put("means", statistics.means());
    figures.put("deviations", statistics.deviations());
  }

  private void texts(RowSet data, Map<String, Object> figures) {
    long texts = data.rows().map(row -> (long) row.stepLabels().length).fold(0L, Long::sum);
    line("texts", Figures.count(texts) + " to be written, column " + data.columns().label());
    figures.put("texts", texts);
  }

  private void labels(RowSet data, Map<String, Object> figures) {
    Map<String, Long> counts = data.labels();
    String shown =
        counts.entrySet().stream()
            .limit(MOST_SHOWN)
            .map(label -> label.getKey() + " (" + Figures.count(label.getValue()) + ")")
            .collect(joining(", "));
    String more = counts.size() > MOST_SHOWN ? ", ..." : "";
    line("labels", Figures.count(counts.size()) + ": " + shown + more);
    figures.put("label_count", counts.size());
    if (counts.size() <= MOST_FIGURES) {
      figures.put("labels", counts);
    }
  }

  private void line(String name, String text) {
    result("%-10s %s".formatted(name, text));
  }
}
