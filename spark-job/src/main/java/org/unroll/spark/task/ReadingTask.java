// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.rows.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/** What is to be found out about a sequence. */
public sealed interface ReadingTask extends Serializable
    permits Classify, Tag, Forecast, State, Recognise {

  /** As the command line and the files name it. */
  String name();

  /** What its models do, behind "to". */
  default String purpose() {
    return name();
  }

  /** What it takes from the label column. */
  LabelKind labelKind();

  /** Whether numbers may be missing. */
  default boolean missing() {
    return false;
  }

  /** What it is told on the command line besides the network, for files. */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /**
   * The labels that answers are made of, with how often each occurs, in the order of their ids;
   * empty for numbers.
   */
  Map<String, Long> labels(RowSet train);

  /** The labels of a row; none of numbers. */
  default String[] labelsOf(SequenceRow row) {
    return new String[0];
  }

  /** The same with what it must know of the training data. */
  default ReadingTask informed(RowSet train, Map<String, Long> labels) {
    return this;
  }

  /** The same with what it learns itself when the network is trained, as Spark jobs. */
  default ReadingTask finished(SparkSession session, ReaderInHand model, RowSet train) {
    return this;
  }

  /** What it learnt so, for files; empty for nothing. */
  default Map<String, Tensor> tensors() {
    return Map.of();
  }

  /** Whether predictions come with the encoder's outputs. */
  default boolean readsStates() {
    return false;
  }

  /** What is learnt from a row of training data: what it is scored by, unless there is more. */
  default List<SequenceExample> toLearn(SequenceRow row, RowEncoder encoder)
      throws UnusableRowException {
    return List.of(toScore(row, encoder));
  }

  /** What a row is scored by; its target may be held out. */
  SequenceExample toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException;

  /** What is read of a row to answer for it; any row can be. */
  SequenceExample toRead(SequenceRow row, RowEncoder encoder);

  /** What is made of the encoder's outputs. */
  HeadSpec head(RowEncoder encoder, HeadChoice choice);

  /** What validation adds up after every epoch. */
  Metric metric(RowEncoder encoder);

  /**
   * What those sums say, by a name of {@link Metric#figures}; null for the loss alone. Less than
   * the better if it is an error.
   */
  Watched watched();

  /** Of nothing yet. */
  TaskScore score(RowEncoder encoder);

  /** Names and types of what is told of a row, behind its id. */
  Map<String, DataType> columns();

  /** What is told of a row, in the order of the columns. */
  Object[] answer(SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder);

  /** Of what the loss is a mean. */
  String lossUnit();

  /** The same, many of them, in a word. */
  String counted();

  /**
   * The figure that decides which epoch is best.
   *
   * @param figure its name
   * @param error whether less is better
   */
  record Watched(String figure, boolean error) {
    double score(Map<String, Double> figures) {
      double value = figures.get(figure);
      return error ? -value : value;
    }
  }
}
