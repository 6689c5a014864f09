// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.math.Ops;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.embed.EmbedJob;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Platform;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.VectorStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that learns word vectors. */
@Command(
    name = "embed",
    description = {
      "Learns word vectors from text.",
      "Look at them with neighbours and analogies, write them for other programs with export, and"
          + " start a model from them with train --embeddings."
    })
final class EmbedCommand extends BaseCommand {
  @Option(
      names = "--method",
      description =
          "skipgram (negative sampling in synchronous rounds: the same vectors on any number of"
              + " workers) or mllib (Spark's Word2Vec).")
  EmbedJob.Method method = EmbedJob.Method.SKIPGRAM;

  @Mixin EmbedOptions options;

  @Mixin RowOptions rowOptions;

  @Option(
      names = {"--workers", "--partitions"},
      paramLabel = "TASKS",
      description = "Spark tasks that share the work; 0 for as many as there are slots.")
  @Range
  @OptionRule(setting = false)
  int workers = 0;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the vectors, on any Hadoop file system.")
  @OptionRule(setting = false)
  String out;

  @Option(
      names = "--overwrite",
      description = "Replace the vectors that are in the folder (default: refuse to).")
  @OptionRule(setting = false)
  boolean overwrite;

  @Override
  Map<String, Object> run() {
    rowOptions.requireText();
    EmbedJob.Request request = options.request(method, rowOptions, workers, seed);
    if (options.lr == null) {
      options.lr = method.usualRate();
    }
    OptionRules.require(
        out, "--out is missing: name the folder for the vectors, as in --out work/vectors.");
    ModelStore.requireFree(out, overwrite);
    try (SparkRuntime spark = startSpark()) {
      EmbedJob.Result result = new EmbedJob(spark.session(), request, terminal()).run();
      VectorStore.write(out, overwrite, result.vectors(), settings(result), provenance(result));
      result(ResultTable.text(rows(result)));
      Map<String, Object> figures = result.figures();
      figures.put("method", Converters.name(method));
      figures.put("model", out);
      return figures;
    }
  }

  /** Returns the settings, with what the text decided of them. */
  private Map<String, Object> settings(EmbedJob.Result result) {
    Map<String, Object> settings = new OptionRules(spec).settings(null);
    settings.put("vocab_size", result.vocabularySize());
    settings.put("min_count", result.minCount());
    return settings;
  }

  private Map<String, Object> provenance(EmbedJob.Result result) {
    Map<String, Object> provenance =
        Json.fields(
            "command", invocation.command(),
            "inputs", options.input,
            "data_hash", result.hash(),
            "words", result.words());
    provenance.putAll(Platform.versions());
    provenance.put("kernels", Ops.describeKernels());
    return provenance;
  }

  private Map<String, String> rows(EmbedJob.Result result) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        "vectors",
        Figures.count(result.vectors().words()) + " words of " + result.vectors().size());
    if (Double.isFinite(result.loss())) {
      rows.put("loss", Figures.loss(result.loss()) + " nats a pair, last epoch");
    }
    rows.put(
        "speed",
        "%s words/s, %s in all"
            .formatted(Figures.rate(result.wordsPerSecond()), Figures.duration(result.seconds())));
    rows.put("model", out);
    return rows;
  }
}
