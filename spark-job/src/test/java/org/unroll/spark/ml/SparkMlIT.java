// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.UnrollRegistrator;

/** Estimators and models in more than one process. */
@Timeout(900)
class SparkMlIT {
  private static final int PASSES = 400;

  @TempDir Path folder;
  private Path rows;

  @BeforeEach
  void write() throws IOException {
    List<String> lines =
        IntStream.range(0, 80)
            .mapToObj(
                i ->
                    "{\"text\": \"the %s day of %s\", \"label\": \"%s\"}"
                        .formatted(i % 2 == 0 ? "fine" : "dull", i % 7, i % 2 == 0 ? "up" : "down"))
            .toList();
    rows = Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private static SparkSession.Builder builder(String master) {
    return SparkSession.builder().master(master).config("spark.ui.enabled", "false");
  }

  private SequenceClassifier classifier() {
    return new SequenceClassifier()
        .setInputCol("text")
        .setHiddenSize(8)
        .setNumLayers(1)
        .setBatchSize(10)
        .setMaxIter(PASSES)
        .setWorkDir(folder.resolve("work").toString());
  }

  @Test
  void a_fit_whose_executor_is_killed_gives_the_same_bits() throws Exception {
    SparkSession.Builder cluster =
        builder("local-cluster[2,1,1024]")
            .config("spark.jars", System.getProperty("unroll.jar"))
            .config("spark.serializer", KryoSerializer.class.getName())
            .config("spark.kryo.registrationRequired", "true")
            .config("spark.kryo.registrator", UnrollRegistrator.class.getName());
    List<Row> told;
    try (SparkSession spark = cluster.getOrCreate()) {
      Dataset<Row> frame = spark.read().json(rows.toString()).repartition(3).sort("text", "label");
      CompletableFuture<SequenceClassifierModel> fit =
          CompletableFuture.supplyAsync(() -> classifier().setNumWorkers(2).fit(frame));
      awaitModel(fit);
      ProcessHandle executor =
          ProcessHandle.current()
              .descendants()
              .filter(p -> p.info().commandLine().orElse("").contains("ExecutorBackend"))
              .findFirst()
              .orElseThrow();
      assertThat(executor.destroyForcibly()).isTrue();
      executor.onExit().get(5, TimeUnit.MINUTES);
      assertThat(fit).as("it is still training").isNotDone();
      SequenceClassifierModel model = fit.get();
      told = model.transform(frame).collectAsList();
      model.save(folder.resolve("killed").toString());
    }
    try (SparkSession spark = builder("local[1]").getOrCreate()) {
      Dataset<Row> frame = spark.read().json(rows.toString()).sort("text", "label");
      SequenceClassifierModel model = classifier().setNumWorkers(1).fit(frame);
      model.save(folder.resolve("undisturbed").toString());
      assertThat(model.transform(frame).collectAsList()).isEqualTo(told);
    }
    assertThat(folder.resolve("killed/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/model.safetensors"));
    assertThat(folder.resolve("work")).isEmptyDirectory();
  }

  /** Waits for the first model that a training has laid down on its way. */
  private void awaitModel(CompletableFuture<?> fit) throws Exception {
    while (true) {
      assertThat(fit).as("it is still training").isNotDone();
      if (Files.isDirectory(folder.resolve("work"))) {
        try (Stream<Path> runs = Files.list(folder.resolve("work"))) {
          if (runs.anyMatch(run -> Files.exists(run.resolve("model/config.json")))) {
            return;
          }
        }
      }
      Thread.sleep(5);
    }
  }

  @Test
  void a_pipeline_predicts_the_same_in_a_fresh_process() throws Exception {
    List<String> told;
    try (SparkSession spark = builder("local[2]").getOrCreate()) {
      Dataset<Row> frame = spark.read().json(rows.toString());
      PipelineStage[] stages = {
        new StringIndexer().setInputCol("label").setOutputCol("index"),
        new RegexTokenizer().setInputCol("text").setOutputCol("words"),
        classifier().setMaxIter(2).setInputCol("words").setLabelCol("index")
      };
      PipelineModel model = new Pipeline().setStages(stages).fit(frame);
      model.save(folder.resolve("pipeline").toString());
      told =
          model
              .transform(frame)
              .selectExpr("prediction", "cast(probability as string) as probability")
              .toJSON()
              .collectAsList();
    }
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.addAll(List.of(LoadedElsewhere.class.getName(), folder.resolve("pipeline").toString()));
    words.addAll(List.of(rows.toString(), folder.resolve("said").toString()));
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(errors.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    try (Stream<Path> parts = Files.list(folder.resolve("said"))) {
      Path part = parts.filter(p -> p.toString().endsWith(".json")).findFirst().orElseThrow();
      assertThat(Files.readAllLines(part)).isEqualTo(told);
    }
  }
}
