// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.embed.Analogies;
import org.unroll.spark.cli.ResultTable.Column;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.embed.EmbedJob;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.HadoopFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures word vectors beside MLlib's. */
@Command(
    name = "embed",
    description = {
      "Learns word vectors by skip-gram in rounds and by MLlib's Word2Vec, on several numbers of"
          + " partitions, and scores them by analogies.",
      "Words per second count every epoch, from the known vocabulary to the last vector."
    })
final class BenchEmbedCommand extends BaseCommand {
  @Option(
      names = "--analogies",
      paramLabel = "FILE",
      description = "Questions as the command analogies takes them (no default).")
  String file;

  @Option(
      names = "--partitions",
      split = ",",
      paramLabel = "TASKS",
      description = "Tasks that share the work; commas between.")
  @Range(min = 1)
  List<Integer> partitions = List.of(1, 2, 4);

  @Mixin EmbedOptions options;

  /**
   * MLlib comes first: once our kernels have run in this process, the compiler inlines less of what
   * MLlib's products use too, and they are several times slower.
   */
  private static final List<EmbedJob.Method> METHODS =
      List.of(EmbedJob.Method.MLLIB, EmbedJob.Method.SKIPGRAM);

  private static final List<Column> COLUMNS =
      List.of(
          new Column("accuracy", 7, "accuracy", Figures::share),
          new Column("asked", 6, "asked", asked -> Figures.count((long) asked)),
          new Column("words/s", 9, "words_per_second", Figures::rate),
          new Column("time", 7, "seconds", Figures::duration));

  @Override
  Map<String, Object> run() {
    options.request(EmbedJob.Method.SKIPGRAM, new RowOptions(), 0, seed);
    OptionRules.require(
        file, "--analogies is missing: name a file of questions, as in --analogies questions.txt.");
    Analogies.Questions questions =
        HadoopFiles.read(file, "file of questions", Analogies.Questions::read);
    int most = partitions.stream().mapToInt(Integer::intValue).max().orElse(1);
    List<String> names =
        METHODS.stream().flatMap(m -> partitions.stream().map(tasks -> name(m, tasks))).toList();
    ResultTable table = new ResultTable(names, COLUMNS);
    List<Map<String, Object>> entries = new ArrayList<>();
    List<float[]> ours = new ArrayList<>();
    try (SparkRuntime spark = startSpark("local[" + most + "]")) {
      show(table.header());
      for (EmbedJob.Method method : METHODS) {
        for (int tasks : partitions) {
          terminal().status(name(method, tasks));
          EmbedJob.Result result =
              new EmbedJob(
                      spark.session(),
                      options.request(method, new RowOptions(), tasks, seed),
                      terminal())
                  .run();
          if (method == EmbedJob.Method.SKIPGRAM) {
            ours.add(result.vectors().values());
          }
          Analogies analogies = new Analogies(result.vectors(), 0, false);
          entries.add(figures(method, tasks, result, analogies.score(questions).total()));
          show(table.row(name(method, tasks), entries.get(entries.size() - 1)));
        }
      }
      showConditions(Json.fields("spark", spark.master(), "epochs", options.epochs));
    }
    boolean same = ours.stream().allMatch(v -> Arrays.equals(v, ours.get(0)));
    return Json.fields("runs", entries, "same_bits", same);
  }

  private static String name(EmbedJob.Method method, int tasks) {
    return Converters.name(method) + " on " + tasks;
  }

  private static Map<String, Object> figures(
      EmbedJob.Method method, int tasks, EmbedJob.Result result, Analogies.Score score) {
    return Json.fields(
        "method", Converters.name(method),
        "partitions", tasks,
        "accuracy", score.asked() == 0 ? null : score.accuracy(),
        "asked", score.asked(),
        "words_per_second", result.wordsPerSecond(),
        "seconds", result.seconds(),
        "loss", Double.isFinite(result.loss()) ? result.loss() : null);
  }
}
