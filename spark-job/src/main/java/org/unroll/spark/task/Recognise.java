// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * The characters of a text that a sequence says, nobody knows at which steps: connectionist
 * temporal classification. The blank is 0, so a character's id is one more than its place among the
 * labels.
 */
public record Recognise() implements RowTask {
  @Override
  public String name() {
    return "recognise";
  }

  @Override
  public LabelKind labelKind() {
    return LabelKind.CLASS;
  }

  @Override
  public Map<String, Long> labels(RowSet train) {
    return new TreeMap<>(
        train.rows().flatMap(row -> RowEncoder.characters(row.label()).iterator()).countByValue());
  }

  @Override
  public String[] labelsOf(SequenceRow row) {
    return RowEncoder.characters(row.label()).toArray(String[]::new);
  }

  @Override
  public List<String> right(SequenceRow row) {
    return List.of(row.label());
  }

  @Override
  public List<Example> toLearn(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    Example example = toScore(row, encoder);
    if (!new HeadSpec.Alignment(encoder.labels().size()).learnsFrom(example)) {
      throw new UnusableRowException(
          ("its label has %s characters, which take %s steps, with a blank between two that are the"
                  + " same, but it has %s")
              .formatted(
                  example.labels().length,
                  HeadSpec.Alignment.stepsFor(example.labels()),
                  example.steps()));
    }
    return List.of(example);
  }

  @Override
  public Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    int[] ids = encoder.labelIds(labelsOf(row));
    return encoder
        .inputs(row)
        .withLabels(IntStream.of(ids).map(id -> Example.isUnseen(id) ? id : id + 1).toArray());
  }

  @Override
  public HeadSpec head(RowEncoder encoder, NetworkChoice choice) {
    return new HeadSpec.Alignment(encoder.labels().size());
  }

  @Override
  public Metric metric(RowEncoder encoder) {
    return new Metric.Edits();
  }

  @Override
  public Measure measure() {
    return new Measure("label_error_rate", true, "nats per label", "sequences");
  }

  @Override
  public StructType columns() {
    return new StructType().add("prediction", DataTypes.StringType);
  }

  @Override
  public Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    return new Object[] {
      IntStream.of(said.labels())
          .mapToObj(id -> encoder.labels().get(id - 1))
          .collect(Collectors.joining())
    };
  }
}
