// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/** A task that learns from labelled rows, each of which is read as a whole. */
public sealed interface RowTask extends Task permits Classify, Tag, Forecast, State, Recognise {

  /**
   * The figure that decides which epoch is best.
   *
   * @param figure its name among those of the metric
   * @param error whether less is better
   */
  record Watched(String figure, boolean error) {
    /** Returns the figure, or its negative if it is an error, so that more is better. */
    double score(Map<String, Double> figures) {
      double value = figures.get(figure);
      return error ? -value : value;
    }
  }

  @Override
  default TrainingData open(SparkSession spark, TrainRequest request, Terminal terminal) {
    return TrainingRows.open(spark, this, request, terminal);
  }

  /**
   * Returns the labels that answers are made of, with how often each occurs, in the order of their
   * ids; none for numbers.
   */
  Map<String, Long> labels(RowSet train);

  /** Returns the labels of a row; none of numbers. */
  default String[] labelsOf(SequenceRow row) {
    return new String[0];
  }

  /** Returns the same task with what it must know of the training data. */
  default RowTask informed(RowSet train, Map<String, Long> labels) {
    return this;
  }

  /** Returns the same task with what it learns itself when the network is trained. */
  default RowTask finished(SparkSession session, ModelInHand model, RowSet train) {
    return this;
  }

  /**
   * Returns what is learnt from a row of training data: what it is scored by, unless there is more.
   */
  default List<Example> toLearn(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    return List.of(toScore(row, encoder));
  }

  /** Returns what a row is scored by; its target may be held out. */
  Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException;

  /** Returns what is made of the encoder's outputs. */
  HeadSpec head(RowEncoder encoder, NetworkChoice choice);

  /** Returns what validation adds up after every epoch. */
  Metric metric(RowEncoder encoder);

  /** Returns the figure that decides which epoch is best. */
  Watched watched();

  /** Returns what an evaluation adds up: what validation does, unless there is more to tell. */
  default Metric scoring(RowEncoder encoder) {
    return metric(encoder);
  }

  /** Returns what the sums of {@link #scoring} say, beside the loss. */
  default Map<String, Double> figures(double loss, double[] sums, RowEncoder encoder) {
    return scoring(encoder).figures(sums);
  }

  /** Returns what the sums of {@link #scoring} say in rows, for the report. */
  default List<Report.Table> tables(double[] sums, RowEncoder encoder) {
    return List.of();
  }

  /** Returns of what the loss is a mean. */
  String lossUnit();

  /** Returns that of which the loss is a mean, many of them, in a word. */
  String counted();

  @Override
  default Measure measure() {
    boolean error = watched().error();
    return new Measure(
        lossUnit(),
        counted(),
        watched().figure(),
        (EpochMetrics epoch) -> error ? -epoch.score() : epoch.score(),
        Figures::fine);
  }

  /** Returns figures with one in front. */
  static Map<String, Double> behind(String name, double value, Map<String, Double> others) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(name, value);
    figures.putAll(others);
    return figures;
  }
}
