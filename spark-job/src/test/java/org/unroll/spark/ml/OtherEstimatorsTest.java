// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Cli;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The other estimators, each beside the commands that do the same. */
class OtherEstimatorsTest extends MlSpark {
  private static final String SMALL = " --hidden 6 --layers 1 --epochs 2 --batch 8 --seed 3";

  @TempDir Path folder;

  private static <E extends SequenceEstimator<E, M>, M extends SequenceModel<M>> E small(E one) {
    one.setHiddenSize(6);
    one.setNumLayers(1);
    one.setMaxIter(2);
    one.setBatchSize(8);
    return one.setSeed(3);
  }

  private Path rows(String name, int count, IntFunction<String> row) throws Exception {
    List<String> lines = IntStream.range(0, count).mapToObj(row).toList();
    return Files.write(folder.resolve(name), lines);
  }

  private static Dataset<Row> frame(Path rows) {
    return spark().read().json(rows.toString());
  }

  /** Fits, saves, and compares with a command that does the same. */
  private <M extends SequenceModel<M>> M same(
      SequenceEstimator<?, M> estimator, Path rows, String options) throws Exception {
    M model = estimator.fit(frame(rows));
    model.write().overwrite().save(folder.resolve("saved").toString());
    command(
        "train --task %s --input %s %s --overwrite --out %s"
            .formatted(options, rows, SMALL, folder.resolve("trained")));
    assertThat(parameters(folder.resolve("saved")))
        .isEqualTo(parameters(folder.resolve("trained")));
    return model;
  }

  /**
   * Checks that the model that the command trained tells of rows what predict tells.
   *
   * @param load reads a model
   * @param options of predict
   */
  private void assertSays(Function<String, SequenceModel<?>> load, Path rows, String options)
      throws Exception {
    String trained = folder.resolve("trained").toString();
    List<Object> told =
        load.apply(trained).transform(frame(rows)).select("prediction").collectAsList().stream()
            .map(row -> plain(row.get(0)))
            .toList();
    Path answers = folder.resolve("answers.jsonl");
    command(
        "predict --overwrite --model %s --input %s --out %s %s"
            .formatted(trained, rows, answers, options));
    assertThat(told)
        .isEqualTo(answers(answers).stream().map(said -> plain(said.get("prediction"))).toList());
  }

  private static Object plain(Object told) {
    return told instanceof Vector vector
        ? Arrays.stream(vector.toArray()).boxed().toList()
        : told instanceof Seq<?> list ? CollectionConverters.asJava(list) : told;
  }

  private static Object plain(JsonNode said) {
    if (!said.isArray()) {
      return said.asText();
    }
    return said.get(0).isNumber()
        ? Arrays.stream(numbers(said)).boxed().toList()
        : StreamSupport.stream(said.spliterator(), false).map(JsonNode::asText).toList();
  }

  @Test
  void a_tagger_tells_labels_of_steps() throws Exception {
    Path rows =
        rows(
            "tags.jsonl",
            24,
            i ->
                "{\"words\": [\"a\", \"w%s\"], \"label\": [\"D\", \"%s\"]}"
                    .formatted(i % 4, i % 2 == 0 ? "N" : "V"));
    SequenceTagger tagger = small(new SequenceTagger().setInputCol("words").setHead("crf"));
    assertThat(same(tagger, rows, "tag --text words --head crf").labels())
        .containsExactly("D", "N", "V");
    assertSays(SequenceTaggerModel::load, rows, "");
    assertThatThrownBy(() -> tagger.fit(frame(rows).selectExpr("words", "1 as label")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("labels of steps are an array of strings");
  }

  @Test
  void a_forecaster_tells_the_next_steps_or_a_number() throws Exception {
    Path rows =
        rows(
            "series.jsonl",
            12,
            i ->
                "{\"features\": [%s, 2.5, %s, 1, 0.5, %s], \"size\": %s}"
                    .formatted(i, i % 3, i % 5, 0.25 * i));
    same(
        small(new SequenceForecaster().setInputCol("features").setHorizon(2)),
        rows,
        "forecast --horizon 2");
    assertSays(SequenceForecasterModel::load, rows, "");

    SequenceForecasterModel model =
        same(
            small(new SequenceForecaster().setInputCol("features").setLabelCol("size")),
            rows,
            "forecast --label size");
    Dataset<Row> told =
        SequenceForecasterModel.load(folder.resolve("saved").toString()).transform(frame(rows));
    assertThat(new RegressionEvaluator().setLabelCol("size").evaluate(told)).isPositive();
    assertThat(model.summary().metricName()).isEqualTo("rmse");
  }

  /** Words, and the byte pairs that a vocabulary of a size asks for. */
  @ParameterizedTest
  @CsvSource({"0, --unit wordpunct, --max-answer 3", "270, --vocab-size 270, ''"})
  void a_translator_writes_texts(int vocabulary, String unit, String bound) throws Exception {
    Path rows =
        rows(
            "pairs.jsonl",
            16,
            i -> "{\"de\": \"wort %s\", \"label\": \"word %s\"}".formatted(i % 4, i % 4));
    SequenceTranslator translator = small(new SequenceTranslator().setInputCol("de"));
    same(
        vocabulary == 0
            ? translator.setTokenizer("wordpunct")
            : translator.setVocabSize(vocabulary),
        rows,
        "translate --text de " + unit);
    assertSays(
        trained -> {
          SequenceTranslatorModel model = SequenceTranslatorModel.load(trained);
          return bound.isEmpty() ? model : model.setMaxOutputLength(3);
        },
        rows,
        bound);
  }

  private static Dataset<Row> labelled(Path text) {
    return spark()
        .read()
        .text(text.toString())
        .selectExpr("value", "cast(value like 'a%' as double) as label");
  }

  @Test
  void a_language_models_states_are_features_for_other_stages() throws Exception {
    Path text =
        rows("text.txt", 40, i -> i % 2 == 0 ? "a fine day " + i % 3 : "no more rain " + i % 5);
    Dataset<Row> frame = labelled(text);
    LanguageModelFeaturizer featurizer =
        small(new LanguageModelFeaturizer().setInputCol("value").setWindowSize(5));
    Pipeline pipeline =
        new Pipeline()
            .setStages(new PipelineStage[] {featurizer, new LogisticRegression().setMaxIter(5)});
    PipelineModel fitted = pipeline.fit(frame);
    fitted.save(folder.resolve("pipeline").toString());
    List<Row> told = fitted.transform(frame).collectAsList();
    command(
        "train --task lm --window 5 --input " + text + SMALL + " --out " + folder.resolve("lm"));

    assertThat(parameters(only(folder.resolve("pipeline/stages"), "0_")))
        .isEqualTo(parameters(folder.resolve("lm")));

    Dataset<Row> again = labelled(text);
    LanguageModelFeaturizerModel model =
        LanguageModelFeaturizerModel.load(folder.resolve("lm").toString()).setInputCol("value");
    assertThat(
            PipelineModel.load(folder.resolve("pipeline").toString())
                .transform(again)
                .collectAsList())
        .isEqualTo(told);
    List<Row> last = model.transform(again).collectAsList();
    for (int i = 0; i < last.size(); i++) {
      assertThat(last.get(i).<Vector>getAs("features"))
          .isEqualTo(told.get(i).<Vector>getAs("features"));
    }
    Row steps = model.setStatePooling("steps").transform(again).first();
    List<Vector> each = steps.getList(steps.fieldIndex("features"));
    assertThat(each).hasSize(1 + "a fine day 0".length());
    assertThat(each.get(each.size() - 1)).isEqualTo(last.get(0).<Vector>getAs("features"));
    Vector mean = model.setStatePooling("mean").transform(again).first().getAs("features");
    assertThat(mean.apply(0))
        .isCloseTo(
            each.stream().mapToDouble(v -> v.apply(0)).average().orElseThrow(), within(1e-9));
    assertThatThrownBy(
            () -> featurizer.fit(again.selectExpr("if(label = 1, null, value) as value")))
        .hasStackTraceContaining("A row has no value in column 'value' (inputCol)");
  }

  @Test
  void spark_connect_finds_every_estimator_and_model_and_what_params_mean() {
    List<PipelineStage> found =
        Stream.concat(
                ServiceLoader.load(Estimator.class).stream(),
                ServiceLoader.load(Transformer.class).stream())
            .filter(provider -> provider.type().getName().startsWith("org.unroll."))
            .<PipelineStage>map(ServiceLoader.Provider::get)
            .toList();
    assertThat(found).hasSize(10);
    for (PipelineStage stage : found) {
      for (Param<?> param : stage.params()) {
        assertThat(param.parent()).isEqualTo(stage.uid());
        assertThat(param.doc()).isNotBlank();
        assertThat(param.dataClass()).as(param.name()).isNotNull();
        // Every param has a method of its name, as Scala and Java ask for it.
        assertThat(stage.getClass().getMethods())
            .extracting(Method::getName)
            .contains(param.name());
      }
      assertThat(stage.explainParams()).contains("inputCol");
    }
  }

  @Test
  void usual_values_are_those_of_the_command() {
    for (Declaration param : Declaration.values()) {
      if (param.option() == null || param.usual() == null || param.isFlag()) {
        continue;
      }
      String task =
          switch (param) {
            case HEAD -> "tag";
            case HORIZON, CONTEXT_LENGTH -> "forecast";
            case BEAM_SIZE, MAX_OUTPUT_LENGTH, LENGTH_PENALTY, VOCAB_SIZE -> "translate";
            case WINDOW_SIZE -> "lm";
            default -> "classify";
          };
      List<String> options =
          List.of("--task", task, "--input", "x", "--unit", "char", "--out", folder + "/model");
      List<String> said =
          Stream.concat(options.stream(), Stream.of(param.option(), param.usual().toString()))
              .toList();
      assertThat(Cli.training(said).settings())
          .as(param.param())
          .isEqualTo(Cli.training(options).settings());
    }
  }
}
