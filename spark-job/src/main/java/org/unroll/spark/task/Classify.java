// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.RankMetric;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
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
    return new ConfusionMetric(encoder.labels().size(), encoder.unseen().size());
  }

  @Override
  public Measure measure() {
    return new Measure("accuracy", false, "nats per sequence", "sequences");
  }

  /** Returns the confusion, and of two classes the area under the ROC curve as well. */
  @Override
  public Metric scoring(RowEncoder encoder) {
    return encoder.labels().size() == 2
        ? Metric.both(metric(encoder), new RankMetric())
        : metric(encoder);
  }

  @Override
  public List<Report.Table> tables(double[] sums, RowEncoder encoder) {
    return ConfusionTables.of((ConfusionMetric) metric(encoder), sums, encoder);
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
