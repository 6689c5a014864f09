// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.UnrollRegistrator;
import org.unroll.spark.cli.Shell;

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

  /** Reviews of IMDB where a copy lies beside the project, as on the machines that build it. */
  private static Dataset<Row> reviews(SparkSession spark) {
    Path file = Shell.HOME.resolveSibling("shared").resolve("data/imdb/train.tsv.gz");
    assumeTrue(Files.exists(file), "There are no reviews of IMDB in " + file);
    return spark
        .read()
        .schema("label DOUBLE, rating INT, id STRING, text STRING")
        .options(Map.of("sep", "\t", "quote", "", "lineSep", "\n"))
        .csv(file.toString())
        .limit(400)
        .select("text", "label");
  }

  private Dataset<Row> numbered(SparkSession spark) {
    return spark
        .read()
        .json(rows.toString())
        .selectExpr("text", "if(label = 'up', 1.0D, 0.0D) as label");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_pipeline_that_was_chosen_predicts_the_same_in_a_fresh_process_and_by_the_command(
      boolean imdb) throws Exception {
    Path asked = folder.resolve("asked");
    Path words = folder.resolve("words");
    List<Row> told;
    Path stage;
    try (SparkSession spark = builder("local[2]").getOrCreate()) {
      // Written once, since what is read of a part of a file may come in another order.
      Dataset<Row> some = imdb ? reviews(spark) : numbered(spark);
      some.coalesce(1).write().json(asked.toString());
      Dataset<Row> frame = spark.read().json(asked.toString());
      RegexTokenizer tokenizer = new RegexTokenizer().setInputCol("text").setOutputCol("words");
      tokenizer.setPattern("\\W+");
      SequenceClassifier classifier = classifier().setInputCol("words").setMaxLength(50);
      ParamMap[] settings =
          new ParamGridBuilder().addGrid(classifier.maxIter(), new int[] {1, 3}).build();
      CrossValidatorModel chosen =
          new CrossValidator()
              .setEstimator(new Pipeline().setStages(new PipelineStage[] {tokenizer, classifier}))
              .setEstimatorParamMaps(settings)
              .setEvaluator(new MulticlassClassificationEvaluator())
              .setNumFolds(2)
              .fit(frame);
      assertThat(chosen.avgMetrics()).hasSize(2).doesNotContain(Double.NaN);
      chosen.save(folder.resolve("chosen").toString());
      Dataset<Row> answered = chosen.transform(frame);
      told = answered.select("prediction", "probability").collectAsList();
      answered.select("words").coalesce(1).write().json(words.toString());
      stage = MlSpark.only(folder.resolve("chosen/bestModel/stages"), "1_sequenceClassifier");
    }
    Path elsewhere = folder.resolve("elsewhere");
    inFreshProcess(
        LoadedElsewhere.class.getName(),
        folder.resolve("chosen").toString(),
        asked.toString(),
        elsewhere.toString());
    assertThat(Files.readAllLines(elsewhere))
        .isEqualTo(told.stream().map(SparkMlIT::shown).toList());

    Path said = folder.resolve("said.jsonl");
    MlSpark.command("predict --model %s --input %s --out %s".formatted(stage, words, said));
    List<JsonNode> answers = MlSpark.answers(said);
    assertThat(answers).hasSameSizeAs(told);
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get("prediction").asDouble()).isEqualTo(told.get(i).getDouble(0));
      assertThat(told.get(i).<Vector>getAs(1).toArray())
          .isEqualTo(MlSpark.numbers(answers.get(i).get("probability")));
    }
  }

  /** The script of the page, as spark-shell would read it: with a session at hand. */
  @Test
  void the_script_in_scala_runs() throws Exception {
    Path script = folder.resolve("script.scala");
    Files.writeString(
        script,
        "val spark = org.apache.spark.sql.SparkSession.builder.master(\"local[2]\").getOrCreate()\n"
            + Files.readString(Shell.HOME.resolve("scripts/sparkml.scala"))
            + "\nspark.stop()\n");
    Path saved = folder.resolve("pipeline");
    String out =
        inFreshProcess(
            "-Dsparkml.folder=" + saved,
            "scala.tools.nsc.MainGenericRunner",
            "-usejavacp",
            script.toString());
    assertThat(out).contains("accuracy of 1 and of 6 passes: ", "accuracy on the test rows: ");
    Path model = MlSpark.only(saved.resolve("stages"), "2_sequenceClassifier");
    assertThat(model.resolve("model.safetensors")).exists();
  }

  /** Runs a program of this class path that must succeed; returns what it prints. */
  private String inFreshProcess(String... programWithOptions) throws Exception {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    line.addAll(List.of("-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(programWithOptions));
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(line)
            .directory(Shell.HOME.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return Files.readString(output);
  }

  /** Returns what is told of a row as a line of text. */
  static String shown(Row row) {
    return row.getAs("prediction") + " " + row.getAs("probability");
  }
}
