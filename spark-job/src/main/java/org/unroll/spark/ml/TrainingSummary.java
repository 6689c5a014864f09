// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.spark.report.MetricsLog;

/** The course of a training, pass by pass over the data. NaN stands for what is not known. */
public final class TrainingSummary {
  private final String metricName;
  private final List<MetricsLog.Epoch> epochs;
  private final int bestIteration;

  TrainingSummary(String metricName, List<MetricsLog.Epoch> epochs, int bestIteration) {
    this.metricName = metricName;
    this.epochs = List.copyOf(epochs);
    this.bestIteration = bestIteration;
  }

  /** Returns how many passes there were. */
  public int totalIterations() {
    return epochs.size();
  }

  /** Returns the pass, from 1, whose parameters the model has. */
  public int bestIteration() {
    return bestIteration;
  }

  /** Returns the mean training loss of every pass, in nats or the squares of numbers. */
  public double[] objectiveHistory() {
    return numbers(MetricsLog.Epoch::train);
  }

  /** Returns the mean loss of the rows that were held out, after every pass. */
  public double[] validationHistory() {
    return numbers(MetricsLog.Epoch::valid);
  }

  /** Returns the name of the measure of {@link #metricHistory}, such as {@code accuracy}. */
  public String metricName() {
    return metricName;
  }

  /** Returns the measure of the rows that were held out, after every pass. */
  public double[] metricHistory() {
    return numbers(MetricsLog.Epoch::figure);
  }

  private double[] numbers(ToDoubleFunction<MetricsLog.Epoch> number) {
    return epochs.stream().mapToDouble(number).toArray();
  }

  /**
   * Returns the same as a data frame: {@code iteration}, {@code loss}, {@code validationLoss}, the
   * measure by its name, and {@code seconds}.
   */
  public Dataset<Row> history(SparkSession session) {
    List<Row> rows = new ArrayList<>();
    for (MetricsLog.Epoch epoch : epochs) {
      rows.add(
          RowFactory.create(
              rows.size() + 1, epoch.train(), epoch.valid(), epoch.figure(), epoch.seconds()));
    }
    StructType schema =
        new StructType()
            .add("iteration", DataTypes.IntegerType)
            .add("loss", DataTypes.DoubleType)
            .add("validationLoss", DataTypes.DoubleType)
            .add(metricName, DataTypes.DoubleType)
            .add("seconds", DataTypes.DoubleType);
    return session.createDataFrame(rows, schema);
  }
}
