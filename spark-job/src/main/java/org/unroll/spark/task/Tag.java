// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.Map;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.SpanMetric;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * A label for every step.
 *
 * @param spans whether the labels make up spans (IOB2), so that those are what counts
 */
public record Tag(boolean spans) implements RowTask {
  @Override
  public String name() {
    return "tag";
  }

  @Override
  public LabelKind labelKind() {
    return LabelKind.STEPS;
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("spans", spans);
  }

  /** Returns a task of spans if a label begins with {@code B-}. */
  @Override
  public RowTask informed(RowSet train, Map<String, Long> labels) {
    return new Tag(labels.keySet().stream().anyMatch(label -> label.startsWith("B-")));
  }

  @Override
  public String[] labelsOf(SequenceRow row) {
    return row.stepLabels();
  }

  @Override
  public Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    return encoder.inputs(row).withLabels(encoder.labelIds(row.stepLabels()));
  }

  @Override
  public HeadSpec head(RowEncoder encoder, NetworkChoice choice) {
    int labels = encoder.labels().size();
    return choice.crf()
        ? new HeadSpec.LinearCrf(labels)
        : new HeadSpec.Softmax(
            labels, Target.STEP, choice.smoothing(), choice.weights(encoder.labelCounts()));
  }

  @Override
  public Metric metric(RowEncoder encoder) {
    return spans
        ? new SpanMetric(encoder.labels(), encoder.unseen())
        : ConfusionTables.confusion(encoder);
  }

  @Override
  public Measure measure() {
    return new Measure(spans ? "f1" : "accuracy", false, "nats per step", "steps");
  }

  @Override
  public Metric.Both scoring(RowEncoder encoder) {
    Metric.Both confusion = ConfusionTables.metric(encoder);
    return spans ? new Metric.Both(metric(encoder), confusion) : confusion;
  }

  @Override
  public Findings findings(double[] sums, RowEncoder encoder) {
    return ConfusionTables.of(spans ? scoring(encoder).ofSecond(sums) : sums, encoder);
  }

  @Override
  public StructType columns() {
    return new StructType()
        .add("prediction", DataTypes.createArrayType(DataTypes.StringType, false));
  }

  @Override
  public Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    return new Object[] {
      Arrays.stream(said.labels()).mapToObj(encoder.labels()::get).toArray(String[]::new)
    };
  }
}
