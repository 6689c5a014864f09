// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.rows.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/** One of some classes for every sequence. */
public record Classify() implements ReadingTask {
  @Override
  public String name() {
    return "classify";
  }

  @Override
  public LabelKind labelKind() {
    return LabelKind.CLASS;
  }

  @Override
  public Map<String, Long> labels(RowSet train) {
    return train.labels();
  }

  @Override
  public String[] labelsOf(SequenceRow row) {
    return new String[] {row.label()};
  }

  public SequenceExample toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    return Targets.labelled(encoder.inputs(row), encoder.labelId(row.label()));
  }

  @Override
  public SequenceExample toRead(SequenceRow row, RowEncoder encoder) {
    return encoder.inputs(row);
  }

  @Override
  public HeadSpec head(RowEncoder encoder, HeadChoice choice) {
    return new HeadSpec.Softmax(
        encoder.labels().size(), Target.SEQUENCE, choice.smoothing(), choice.weights());
  }

  @Override
  public Metric metric(RowEncoder encoder) {
    return new ConfusionMetric(encoder.labels().size(), encoder.unseen().size());
  }

  @Override
  public Watched watched() {
    return new Watched("accuracy", false);
  }

  @Override
  public TaskScore score(RowEncoder encoder) {
    return new LabelScore(encoder, false, false);
  }

  @Override
  public Map<String, DataType> columns() {
    Map<String, DataType> columns = new LinkedHashMap<>();
    columns.put("prediction", DataTypes.StringType);
    columns.put("probability", DataTypes.createArrayType(DataTypes.FloatType, false));
    return columns;
  }

  @Override
  public Object[] answer(
      SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder) {
    return new Object[] {encoder.labels().get(said.labels()[0]), said.probabilities()};
  }

  @Override
  public String lossUnit() {
    return "nats per sequence";
  }

  @Override
  public String counted() {
    return "sequences";
  }
}
