// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.SavedModel;

/**
 * A task is what a network is trained for: which columns it takes, how a row becomes an example,
 * which head the network has, which metrics count, what an answer looks like, and how it is
 * reported. Training, evaluation and prediction are one job each over any task ({@link TrainJob},
 * {@link EvaluateJob}, {@link PredictJob}); a new task is one more class beside these.
 */
public sealed interface Task extends Serializable permits LanguageModel, RowTask {

  /** Returns the task as the command line and the files name it. */
  String name();

  /** Returns what its models do, behind "to". */
  default String purpose() {
    return name();
  }

  /** Returns by what its training is measured. */
  Measure measure();

  /**
   * Reads and counts what is learnt and what is held out, as Spark jobs.
   *
   * @param terminal is told what people should know of the data
   * @throws InputException if data cannot be used
   */
  TrainingData open(SparkSession spark, TrainRequest request, Terminal terminal);

  /** Returns what a model must remember of the task, by the names that files have. */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /** Returns what the task learnt itself when the network was trained, for files. */
  default Map<String, Tensor> tensors() {
    return Map.of();
  }

  /** Returns what the task takes from the label column. */
  default LabelKind labelKind() {
    return LabelKind.NONE;
  }

  /** Returns whether numbers may be missing. */
  default boolean missing() {
    return false;
  }

  /** Returns what is read of a row to answer for it; any row can be. */
  Example toRead(SequenceRow row, RowEncoder encoder);

  /** Counts the tokens of a row that the model does not know. */
  default UnknownTokens unknown(SequenceRow row, RowEncoder encoder) {
    return UnknownTokens.of(row, encoder);
  }

  /** Returns whether answers are made of the encoder's outputs as well. */
  default boolean readsStates() {
    return false;
  }

  /** Returns the names and types of what is told of a row, behind its id. */
  StructType columns();

  /** Returns what is told of a row, in the order of the columns. */
  Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder);

  /**
   * Returns the task of a model, with what the model remembers of it.
   *
   * @throws InputException if the model's files make no sense, naming the field
   */
  static Task of(SavedModel saved, String source) {
    String name = saved.config().task();
    Object settings = saved.config().data().get("settings");
    return switch (name) {
      case LanguageModel.NAME -> LanguageModel.of(saved, source);
      case "classify" -> new Classify();
      case "recognise" -> new Recognise();
      case "tag" -> StrictJson.bind(settings, source, "data.settings", Tag.class);
      case "translate" -> new Translate(Writing.Form.USUAL);
      case "caption" -> new Caption(Writing.Form.USUAL);
      case "execute" ->
          new Execute(
              StrictJson.bind(settings, source, "data.settings", Execute.Settings.class)
                  .doubleInput(),
              Writing.Form.USUAL);
      case "forecast" -> StrictJson.bind(settings, source, "data.settings", Forecast.class);
      case "state" ->
          new State(StrictJson.bind(settings, source, "data.settings", State.Form.class), null);
      default ->
          throw new InputException(
              "%s: the task %s is unknown: use the program that wrote it, or a newer one"
                  .formatted(source, name));
    };
  }
}
