// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;

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
      assertThat(row.<Vector>getAs("probability").toArray())
          .isEqualTo(numbers(said.get(i).get("probability")));
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

  @Test
  void labels_that_are_numbers_are_indices_and_their_names_are_learnt() {
    Dataset<Row> indexed =
        new StringIndexer()
            .setInputCol("label")
            .setOutputCol("index")
            .setStringOrderType("alphabetDesc")
            .fit(frame())
            .transform(frame());
    SequenceClassifier classifier = small().setLabelCol("index").setMaxIter(1);
    SequenceClassifierModel named = classifier.fit(indexed);
    assertThat(named.getLabels()).containsExactly("good", "bad");
    assertThat(named.content().model().encoder().labels()).containsExactly("bad", "good");
    Row row = named.transform(indexed).first();
    assertThat(row.<Double>getAs("prediction"))
        .isEqualTo((double) row.<Vector>getAs("probability").argmax());

    Dataset<Row> plain = frame().selectExpr("text", "if(label = 'good', 3, 1) as index");
    SequenceClassifierModel numbers = classifier.fit(plain);
    assertThat(numbers.getLabels()).containsExactly("0", "1", "2", "3");
    double[] probability = numbers.transform(plain).first().<Vector>getAs("probability").toArray();
    assertThat(probability).hasSize(4);
    assertThat(probability[0] + probability[2]).isZero();
    assertThat(IntStream.of(1, 3).mapToDouble(i -> probability[i]).sum()).isBetween(0.999, 1.001);

    assertThatThrownBy(() -> classifier.fit(plain.selectExpr("text", "index + 0.5 as index")))
        .hasStackTraceContaining("of the column 'index' (labelCol) is no class");
  }

  @Test
  void vectors_and_numbers_are_sequences_too() {
    StructType schema =
        new StructType()
            .add("flat", Columns.vector())
            .add("steps", DataTypes.createArrayType(Columns.vector()))
            .add("numbers", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("label", DataTypes.StringType);
    List<Row> rows =
        IntStream.range(0, 20)
            .mapToObj(
                i -> {
                  double a = i % 2 == 0 ? 1 + i : -1 - i;
                  Vector[] steps = {
                    Vectors.dense(a, 0), Vectors.sparse(2, new int[] {0}, new double[] {a})
                  };
                  return RowFactory.create(
                      Vectors.dense(a, a, 2 * a),
                      steps,
                      new double[] {a, a, 2 * a},
                      i % 2 == 0 ? "up" : "down");
                })
            .toList();
    Dataset<Row> frame = spark().createDataFrame(rows, schema);
    SequenceClassifier classifier = small().setValidationFraction(0).setMaxIter(2);
    List<double[]> said =
        List.of("flat", "numbers").stream()
            .map(
                column ->
                    classifier
                        .setInputCol(column)
                        .fit(frame)
                        .transform(frame)
                        .first()
                        .<Vector>getAs("probability")
                        .toArray())
            .toList();
    assertThat(said.get(0)).isEqualTo(said.get(1));
    SequenceClassifierModel steps = classifier.setInputCol("steps").fit(frame);
    assertThat(steps.transform(frame).count()).isEqualTo(20);
    assertThatThrownBy(() -> steps.setInputCol("flat").transform(frame).collectAsList())
        .hasStackTraceContaining("it has 1 channel, but there must be 2");
  }

  @Test
  void a_frame_that_cannot_be_used_is_refused_with_what_is_wrong() {
    Dataset<Row> frame = frame();
    SequenceClassifier classifier = small();
    assertRefused(
        classifier.copy(ParamMap.empty()).setInputCol("no"), frame, "no column 'no' (inputCol)");
    assertRefused(
        classifier.copy(ParamMap.empty()).setLabelCol("no"), frame, "no column 'no' (labelCol)");
    assertRefused(new SequenceClassifier(), frame, "inputCol is not set");
    assertRefused(
        classifier,
        frame.selectExpr("now() as text", "label"),
        "'text' (inputCol) is of type timestamp");
    assertRefused(
        classifier,
        frame.selectExpr("text", "array(1) as label"),
        "'label' (labelCol) is of type array");
    assertRefused(classifier, frame.limit(0), "no rows");
    assertRefused(
        classifier,
        frame.withColumnRenamed("label", "probability").selectExpr("*", "'a' as label"),
        "has a column 'probability' already");
    assertRefused(
        classifier,
        frame.selectExpr("if(text like '%fine%', null, text) as text", "label"),
        "no value in column 'text'",
        "handleInvalid skip");
    assertRefused(
        classifier,
        frame.selectExpr("text", "if(text like '%fine%', null, label) as label"),
        "it has no label (column 'label')",
        "handleInvalid skip");
    assertRefused(classifier, frame.selectExpr("text", "'one' as label"), "nothing to tell apart");
    assertRefused(
        classifier.copy(ParamMap.empty()).setOptions(new String[] {"--out", "x"}),
        frame,
        "--out among the options");
    assertRefused(
        classifier.copy(ParamMap.empty()).setOptions(new String[] {"--hiden", "x"}),
        frame,
        "Unknown option --hiden");
    assertRefused(
        classifier.copy(ParamMap.empty()).setOptions(new String[] {"--momentum", "0.5"}),
        frame,
        "momentum");
    assertThatThrownBy(() -> classifier.setHiddenSize(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> classifier.setCellType("tree"))
        .isInstanceOf(IllegalArgumentException.class);

    SequenceClassifier skips = small().setHandleInvalid("skip").setMaxIter(1);
    Dataset<Row> holes = frame.selectExpr("if(text like '%fine%', null, text) as text", "label");
    SequenceClassifierModel model = skips.fit(holes);
    assertThat(model.transform(holes).count())
        .isEqualTo(holes.filter("text is not null").count())
        .isLessThan(60);
    assertThatThrownBy(() -> model.setHandleInvalid("error").transform(holes).collectAsList())
        .hasStackTraceContaining("no value in column 'text'");
    Dataset<Row> unknown = frame.selectExpr("'never seen words' as text").limit(1);
    assertThat(model.transform(unknown).first().<Double>getAs("prediction")).isIn(0.0, 1.0);
  }

  private static void assertRefused(
      SequenceClassifier classifier, Dataset<Row> frame, String... told) {
    assertThatThrownBy(() -> classifier.fit(frame))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(told);
  }

  @Test
  void copies_share_the_numbers_and_keep_their_own_params() {
    SequenceClassifier classifier = small().setMaxIter(1);
    SequenceClassifierModel model = classifier.fit(frame());
    SequenceClassifierModel copy = model.copy(new ParamMap().put(model.predictionCol(), "said"));
    assertThat(copy.content()).isSameAs(model.content());
    assertThat(copy.uid()).isEqualTo(model.uid());
    assertThat(copy.parent()).isSameAs(classifier);
    assertThat(copy.transform(frame()).columns()).contains("said").doesNotContain("prediction");
    assertThat(model.transform(frame()).columns()).contains("prediction");
    assertThat(model.estimatedSize()).isPositive();
    assertThat(model.setProbabilityCol("").setRawPredictionCol("").transform(frame()).columns())
        .containsExactly("label", "text", "prediction");
  }

  @Test
  void rows_that_a_column_holds_out_choose_the_best_pass() {
    Dataset<Row> frame = frame().selectExpr("*", "text like '%nice%' as held");
    SequenceClassifierModel model =
        small().setValidationFraction(0).setValidationIndicatorCol("held").setMaxIter(3).fit(frame);
    assertThat(model.summary().validationHistory()).hasSize(3).doesNotContain(Double.NaN);
    assertThat(model.summary().history(spark()).count()).isEqualTo(3);
    assertThat(model.summary().metricName()).isEqualTo("accuracy");
    assertThat(model.summary().bestIteration()).isBetween(1, 3);
  }

  @Test
  void nothing_is_computed_before_somebody_asks() {
    SequenceClassifierModel model = small().setMaxIter(1).fit(frame());
    Dataset<Row> broken = frame().selectExpr("raise_error('read') as text", "label");
    Dataset<Row> told = model.transform(broken.selectExpr("cast(text as string) as text", "label"));
    assertThatThrownBy(told::count).hasStackTraceContaining("read");
  }

  @Test
  void other_estimators_folders_and_taken_folders_are_refused() throws Exception {
    SequenceClassifierModel model = small().setMaxIter(1).fit(frame());
    Path saved = folder.resolve("model");
    model.save(saved.toString());
    assertThatThrownBy(() -> SequenceTaggerModel.load(saved.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "one of task classify, but SequenceTaggerModel reads those of task tag");
    assertThatThrownBy(() -> model.save(saved.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("write().overwrite()");
    model.write().overwrite().save(saved.toString());
    assertThat(SequenceClassifierModel.load(saved.toString()).uid()).isEqualTo(model.uid());
    SequenceClassifier classifier = small();
    classifier.save(folder.resolve("estimator").toString());
    SequenceClassifier same = SequenceClassifier.load(folder.resolve("estimator").toString());
    assertThat(same.uid()).isEqualTo(classifier.uid());
    assertThat(same.explainParams()).isEqualTo(classifier.explainParams());
    assertThatThrownBy(() -> new SequenceClassifierModel("x").transform(frame()))
        .hasMessageContaining("x is an empty model");
    assertThat(Files.exists(folder.resolve("model/metadata/part-00000"))).isTrue();
  }

  @Test
  void a_train_validation_split_chooses_too() {
    SequenceClassifier classifier = small().setValidationFraction(0);
    Dataset<Row> frame = frame().selectExpr("text", "if(label = 'good', 1.0D, 0.0D) as label");
    TrainValidationSplit split =
        new TrainValidationSplit()
            .setEstimator(classifier)
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(classifier.stepSize(), new double[] {1e-5, 0.02})
                    .build())
            .setEvaluator(new MulticlassClassificationEvaluator())
            .setTrainRatio(0.7);
    assertThat(Arrays.stream(split.fit(frame).validationMetrics()).max().orElseThrow())
        .isGreaterThan(0.9);
  }
}
