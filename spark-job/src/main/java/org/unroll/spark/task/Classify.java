// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.RankMetric;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.SequenceRow;

/** One of some classes for every sequence. */
public record Classify() implements RowTask {
  @Override
  public String name() {
    return "classify";
  }

  @Override
  public LabelKind labelKind() {
    return LabelKind.CLASS;
  }

  @Override
  public String[] labelsOf(SequenceRow row) {
    return new String[] {row.label()};
  }

  @Override
  public Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    return encoder.inputs(row).withLabels(encoder.labelIds(row.label()));
  }

  @Override
  public HeadSpec head(RowEncoder encoder, NetworkChoice choice) {
    return new HeadSpec.Softmax(
        encoder.labels().size(),
        Target.SEQUENCE,
        choice.smoothing(),
        choice.weights(encoder.labelCounts()));
  }

  @Override
  public Metric metric(RowEncoder encoder) {
    return ConfusionTables.confusion(encoder);
  }

  @Override
  public Measure measure() {
    return new Measure("accuracy", false, "nats per sequence", "sequences");
  }

  /**
   * Returns the confusion with the calibration, and of two classes the area under the ROC curve as
   * well.
   */
  @Override
  public Metric.Both scoring(RowEncoder encoder) {
    Metric.Both confusion = ConfusionTables.metric(encoder);
    return encoder.labels().size() == 2 ? new Metric.Both(confusion, new RankMetric()) : confusion;
  }

  @Override
  public Findings findings(double[] sums, RowEncoder encoder) {
    Metric.Both scoring = scoring(encoder);
    return ConfusionTables.of(
        scoring.first() instanceof Metric.Both ? scoring.ofFirst(sums) : sums, encoder);
  }

  @Override
  public StructType columns() {
    return new StructType()
        .add("prediction", DataTypes.StringType)
        .add("probability", DataTypes.createArrayType(DataTypes.FloatType, false));
  }

  @Override
  public Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    return new Object[] {encoder.labels().get(said.labels()[0]), said.probabilities()};
  }
}
