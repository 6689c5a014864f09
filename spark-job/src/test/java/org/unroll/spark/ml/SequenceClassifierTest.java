// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier as people of Spark ML use it, beside the commands that do the same. */
class SequenceClassifierTest extends MlSpark {
  private static final List<String> GOOD = List.of("fine", "great", "lovely", "nice");
  private static final List<String> BAD = List.of("awful", "broken", "dull", "poor");

  @TempDir static Path home;
  private static Path rows;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append(
          "{\"text\": \"%s\", \"label\": \"%s\"}%n"
              .formatted(text(i), i % 2 == 0 ? "good" : "bad"));
    }
    rows = Files.writeString(home.resolve("rows.jsonl"), lines.toString());
  }

  private static String text(int i) {
    List<String> words = i % 2 == 0 ? GOOD : BAD;
    return "the %s day is %s".formatted(words.get(i % 3), words.get(i / 2 % 4));
  }

  private static Dataset<Row> frame() {
    return spark().read().json(rows.toString());
  }

  private static SequenceClassifier small() {
    return new SequenceClassifier()
        .setInputCol("text")
        .setHiddenSize(8)
        .setNumLayers(1)
        .setMaxIter(6)
        .setStepSize(0.02)
        .setBatchSize(10)
        .setValidationFraction(0.2)
        .setSeed(7);
  }

  private static String sameWords() {
    return "train --task classify --input "
        + rows
        + " --hidden 8 --layers 1 --epochs 6 --lr 0.02 --batch 10 --valid-fraction 0.2 --seed 7";
  }

  @Test
  void a_fit_gives_the_bits_of_the_command_and_both_read_what_the_other_wrote() throws Exception {
    Path saved = folder.resolve("saved");
    SequenceClassifierModel model = small().fit(frame());
    model.save(saved.toString());
    List<Row> told = model.transform(frame()).collectAsList();

    Path trained = folder.resolve("trained");
    command(sameWords() + " --out " + trained);
    assertThat(parameters(saved)).isEqualTo(parameters(trained));
    assertThat(saved.resolve("report.html")).exists();

    Path answers = folder.resolve("answers.jsonl");
    command("predict --model " + saved + " --input " + rows + " --out " + answers);
    List<JsonNode> said = answers(answers);
    assertThat(said).hasSameSizeAs(told);
    for (int i = 0; i < said.size(); i++) {
      Row row = told.get(i);
      int index = (int) row.<Double>getAs("prediction").doubleValue();
      assertThat(model.getLabels()[index]).isEqualTo(said.get(i).get("prediction").asText());
      double[] probability = row.<Vector>getAs("probability").toArray();
      double[] same =
          StreamSupport.stream(said.get(i).get("probability").spliterator(), false)
              .mapToDouble(n -> Float.parseFloat(n.asText()))
              .toArray();
      assertThat(probability).isEqualTo(same);
    }

    SequenceClassifierModel loaded = SequenceClassifierModel.load(trained.toString());
    assertThat(loaded.transform(frame()).collectAsList()).isEqualTo(told);
    assertThat(loaded.summary().totalIterations()).isEqualTo(6);
    assertThat(loaded.summary().objectiveHistory())
        .isEqualTo(SequenceClassifierModel.load(saved.toString()).summary().objectiveHistory());
    command("evaluate --model " + saved + " --input " + rows);
  }

  @Test
  void a_pipeline_is_validated_saved_and_loaded_with_the_same_predictions() throws Exception {
    RegexTokenizer words =
        new RegexTokenizer().setInputCol("text").setOutputCol("words").setPattern("\\W+");
    StringIndexer labels = new StringIndexer().setInputCol("label").setOutputCol("index");
    SequenceClassifier classifier =
        small().setInputCol("words").setLabelCol("index").setValidationFraction(0);
    IndexToString names = new IndexToString().setInputCol("prediction").setOutputCol("name");
    Pipeline pipeline =
        new Pipeline().setStages(new PipelineStage[] {labels, words, classifier, names});
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(classifier.maxIter(), new int[] {1, 8}).build();
    CrossValidator validator =
        new CrossValidator()
            .setEstimator(pipeline)
            .setEstimatorParamMaps(grid)
            .setEvaluator(new MulticlassClassificationEvaluator().setLabelCol("index"))
            .setNumFolds(2)
            .setParallelism(2);
    CrossValidatorModel chosen = validator.fit(frame());
    assertThat(chosen.avgMetrics()[1]).isGreaterThan(0.9).isGreaterThan(chosen.avgMetrics()[0]);

    PipelineModel best = (PipelineModel) chosen.bestModel();
    List<Row> told = best.transform(frame()).collectAsList();
    assertThat(told)
        .allSatisfy(
            row -> assertThat(row.<String>getAs("name")).isEqualTo(row.<String>getAs("label")));
    chosen.write().overwrite().save(folder.resolve("chosen").toString());
    CrossValidatorModel again = CrossValidatorModel.load(folder.resolve("chosen").toString());
    assertThat(again.transform(frame()).collectAsList()).isEqualTo(told);
    assertThat(
            new BinaryClassificationEvaluator()
                .setLabelCol("index")
                .evaluate(again.transform(frame())))
        .isEqualTo(1.0);
  }
}
