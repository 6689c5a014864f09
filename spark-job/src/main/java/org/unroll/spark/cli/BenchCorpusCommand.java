// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.network.util.JavaUtils;
import org.unroll.spark.cli.ResultTable.Column;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.CorpusBench;
import org.unroll.spark.lab.CorpusBench.Way;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
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
  private static final List<Column> COLUMNS =
      List.of(
          new Column("seconds", "seconds", Figures::significant),
          new Column(
              "per second and core", "bytes_per_second_per_core", b -> Figures.bytes((long) b)),
          new Column("of bare", "ratio", Figures::significant));

  @Option(names = "--bytes", description = "Length of the text.")
  @Range(min = 1)
  long bytes = 256L << 20;

  @Option(
      names = "--turns",
      paramLabel = "COUNT",
      description = "Of each contender; medians count.")
  @Range(min = 1)
  int turns = 3;

  @Option(
      names = "--vocab-size",
      paramLabel = "TOKENS",
      description = "Of the vocabulary of words.")
  @Range(min = 3)
  int vocabularySize = 50_000;

  @Option(
      names = "--bpe-vocab-size",
      paramLabel = "TOKENS",
      description = "Of the vocabulary of byte pairs.")
  @Range(min = 256)
  int bytePairs = 8000;

  @Override
  Map<String, Object> run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("unroll-bench-corpus");
    try (SparkRuntime spark = startSpark()) {
      int cores = spark.session().sparkContext().defaultParallelism();
      CorpusBench bench =
          new CorpusBench(spark.session(), folder, vocabularySize, bytePairs, terminal()::status);
      Map<Way, Double> seconds = bench.measure(bytes, turns, seed);
      double bare = Math.min(seconds.get(Way.RDD), seconds.get(Way.SQL));
      List<Map<String, Object>> rows = new ArrayList<>();
      seconds.forEach(
          (way, time) ->
              rows.add(
                  Json.fields(
                      "name",
                      Converters.name(way),
                      "seconds",
                      time,
                      "bytes_per_second_per_core",
                      bytes / time / cores,
                      "ratio",
                      bare / time)));
      List<String> names = seconds.keySet().stream().map(Converters::name).toList();
      show(ResultTable.of(COLUMNS, names, rows));
      showConditions(
          Json.fields(
              "spark", spark.master() + ", " + cores + " cores", "text", Figures.bytes(bytes)));
      return Json.fields("bytes", bytes, "cores", cores, "corpus", rows);
    } finally {
      JavaUtils.deleteRecursively(folder.toFile());
    }
  }
}
