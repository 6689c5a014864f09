// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.task.TrainRequest;

/**
 * Learns a language model of a column of text, as {@code train --task lm} does of a file with a
 * line for every row. The model tells hidden states, for other stages to learn from.
 */
public final class LanguageModelFeaturizer
    extends SequenceEstimator<LanguageModelFeaturizer, LanguageModelFeaturizerModel>
    implements StateParams<LanguageModelFeaturizer> {
  static final String TASK = "lm";
  static final Set<Declaration> COLUMNS =
      EnumSet.of(
          Declaration.INPUT_COL,
          Declaration.OUTPUT_COL,
          Declaration.STATE_POOLING,
          Declaration.HANDLE_INVALID);

  private static final long serialVersionUID = 1L;

  /** Makes a featurizer with a name of its own. */
  public LanguageModelFeaturizer() {
    this(Identifiable$.MODULE$.randomUID("languageModelFeaturizer"));
  }

  /** Makes a featurizer of this name. */
  public LanguageModelFeaturizer(String uid) {
    super(uid, Declaration.training(COLUMNS, Declaration.WINDOW_SIZE));
  }

  /** The param of the tokens of each stream in a round: how far back gradients reach. */
  public IntParam windowSize() {
    return Declared.param(this, "windowSize");
  }

  /** Returns the tokens of each stream in a round: how far back gradients reach. */
  public int getWindowSize() {
    return Declared.<Integer>value(this, "windowSize");
  }

  /** Sets the tokens of each stream in a round: how far back gradients reach. */
  public LanguageModelFeaturizer setWindowSize(int value) {
    return Declared.with(this, "windowSize", value);
  }

  @Override
  String task() {
    return TASK;
  }

  @Override
  void requireInput(StructType schema) {
    super.requireInput(schema);
    if (!Columns.isText(schema.apply(getInputCol()).dataType())) {
      throw new InputException(
          "The column '%s' (inputCol) is of type %s, but a language model reads text."
              .formatted(getInputCol(), schema.apply(getInputCol()).dataType().simpleString()));
    }
  }

  @Override
  StructType predicted(StructType schema) {
    return LanguageModelFeaturizerModel.predicted(this);
  }

  /** Writes the text to a folder: a language model reads a stream, in which rows are lines. */
  @Override
  List<String> input(Dataset<Row> frame, WorkFolder work) {
    Column column = Columns.column(getInputCol());
    boolean list = frame.schema().apply(getInputCol()).dataType() instanceof ArrayType;
    Column line = list ? functions.concat_ws(" ", column) : column;
    Column missing =
        functions.raise_error(
            functions.lit(
                "A row has no value in column '%s' (inputCol): fill it in, or set handleInvalid to skip."
                    .formatted(getInputCol())));
    Dataset<Row> rows = skips() ? frame.filter(column.isNotNull()) : frame;
    rows.select(functions.when(column.isNull(), missing).otherwise(line).as("value"))
        .write()
        .text(work.text());
    return List.of("--input", work.text(), "--format", "text");
  }

  @Override
  TrainRequest request(TrainRequest asked, Dataset<Row> frame) {
    return asked;
  }

  @Override
  LanguageModelFeaturizerModel model(ModelContent content, StructType schema) {
    return new LanguageModelFeaturizerModel(uid(), content);
  }

  /** Returns a reader of estimators that were saved. */
  public static MLReader<LanguageModelFeaturizer> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads an estimator that was saved. */
  public static LanguageModelFeaturizer load(String path) {
    return read().load(path);
  }
}
