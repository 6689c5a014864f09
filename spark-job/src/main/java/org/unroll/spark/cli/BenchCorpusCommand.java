// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.network.util.JavaUtils;
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
  Map<String, Object> run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("unroll-bench-corpus");
    try (SparkRuntime spark = startSpark()) {
      int cores = spark.session().sparkContext().defaultParallelism();
      CorpusBench bench =
          new CorpusBench(spark.session(), folder, vocabularySize, bytePairs, terminal()::status);
      Map<Way, Double> seconds = bench.measure(bytes, turns, common.seed);
      show(table(seconds, cores));
      Map<String, Object> conditions = conditions(spark);
      conditions.put("spark", conditions.get("spark") + ", " + cores + " cores");
      conditions.put("text", Figures.bytes(bytes));
      showConditions(conditions);
      return figures(seconds, cores);
    } finally {
      JavaUtils.deleteRecursively(folder.toFile());
    }
  }

  private static double ratio(Map<Way, Double> seconds, Way way) {
    return Math.min(seconds.get(Way.RDD), seconds.get(Way.SQL)) / seconds.get(way);
  }

  private String table(Map<Way, Double> seconds, int cores) {
    List<List<String>> rows = new ArrayList<>();
    seconds.forEach(
        (way, time) ->
            rows.add(
                List.of(
                    Converters.name(way),
                    Figures.significant(time),
                    Figures.bytes((long) (bytes / time / cores)),
                    Figures.significant(ratio(seconds, way)))));
    return ResultTable.of(List.of("", "seconds", "per second and core", "of bare"), rows);
  }

  private Map<String, Object> figures(Map<Way, Double> seconds, int cores) {
    List<Map<String, Object>> entries = new ArrayList<>();
    seconds.forEach(
        (way, time) -> {
          Map<String, Object> entry = Json.fields("name", Converters.name(way), "seconds", time);
          entry.put("bytes_per_second_per_core", bytes / time / cores);
          entry.put("ratio", ratio(seconds, way));
          entries.add(entry);
        });
    return Json.fields("bytes", bytes, "cores", cores, "corpus", entries);
  }
}
