// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.CorpusBench;
import org.unroll.spark.lab.CorpusBench.Way;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Platform;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how fast text is prepared. */
@Command(
    name = "corpus",
    description = {
      "Measures prepare beside a bare Spark job that splits the same lines at white space and"
          + " counts the words, in bytes of text per second and core.",
      "'rdd' and 'sql' are that job in both of Spark's interfaces; the last column is the ratio to"
          + " the faster of the two. The text is generated, its words as uneven as a language's."
    })
final class BenchCorpusCommand extends BaseCommand {
  @Option(
      names = "--bytes",
      defaultValue = "268435456",
      paramLabel = "BYTES",
      description = "Length of the text.")
  @Range(min = 1)
  long bytes;

  @Option(
      names = "--turns",
      defaultValue = "3",
      paramLabel = "COUNT",
      description = "Of each contender; medians count.")
  @Range(min = 1)
  int turns;

  @Option(
      names = "--vocab-size",
      defaultValue = "50000",
      paramLabel = "TOKENS",
      description = "Of the vocabulary of words.")
  @Range(min = 3)
  int vocabularySize;

  @Option(
      names = "--bpe-vocab-size",
      defaultValue = "8000",
      paramLabel = "TOKENS",
      description = "Of the vocabulary of byte pairs.")
  @Range(min = 256)
  int bytePairs;

  @Override
  Map<String, Object> run() throws IOException {
    Path folder = Files.createTempDirectory("unroll-bench-corpus");
    try (SparkRuntime spark = startSpark()) {
      int cores = spark.session().sparkContext().defaultParallelism();
      CorpusBench bench =
          new CorpusBench(spark.session(), folder, vocabularySize, bytePairs, terminal()::status);
      Map<Way, Double> seconds = bench.measure(bytes, turns, common.seed);
      show(table(seconds, cores));
      showConditions(spark, cores);
      return figures(seconds, cores);
    } finally {
      delete(folder);
    }
  }

  private static double ratio(Map<Way, Double> seconds, Way way) {
    return Math.min(seconds.get(Way.RDD), seconds.get(Way.SQL)) / seconds.get(way);
  }

  private String table(Map<Way, Double> seconds, int cores) {
    List<String> names = seconds.keySet().stream().map(Converters::name).toList();
    ResultTable table =
        new ResultTable(
            names,
            List.of(
                new ResultTable.Column("seconds", 7),
                new ResultTable.Column("per second and core", 10),
                new ResultTable.Column("of bare", 7)));
    StringBuilder text = new StringBuilder(table.header());
    for (Way way : seconds.keySet()) {
      double time = seconds.get(way);
      text.append('\n')
          .append(
              table.row(
                  Converters.name(way),
                  List.of(
                      Figures.significant(time),
                      Figures.bytes((long) (bytes / time / cores)),
                      Figures.significant(ratio(seconds, way)))));
    }
    return text.toString();
  }

  private void showConditions(SparkRuntime spark, int cores) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("machine", Platform.machine());
    rows.put("spark", spark.session().sparkContext().master() + ", " + cores + " cores");
    rows.put("text", Figures.bytes(bytes));
    show("\n" + ResultTable.text(rows));
  }

  private Map<String, Object> figures(Map<Way, Double> seconds, int cores) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("bytes", bytes);
    figures.put("cores", cores);
    List<Map<String, Object>> entries = new ArrayList<>();
    seconds.forEach(
        (way, time) -> {
          Map<String, Object> entry = new LinkedHashMap<>();
          entry.put("name", Converters.name(way));
          entry.put("seconds", time);
          entry.put("bytes_per_second_per_core", bytes / time / cores);
          entry.put("ratio", ratio(seconds, way));
          entries.add(entry);
        });
    figures.put("corpus", entries);
    return figures;
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
