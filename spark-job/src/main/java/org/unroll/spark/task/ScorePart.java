// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.task.ReaderInHand.Item;

/** The scores of a partition's rows. */
@DefaultSerializer(JavaSerializer.class)
final class ScorePart implements Serializable {
  private static final long serialVersionUID = 1L;

  final TaskScore score;
  double loss;
  double weight;
  ShardSummary rows = new ShardSummary(0, 0, 0, null, null);

  ScorePart(TaskScore score) {
    this.score = score;
  }

  static ScorePart of(ReaderInHand model, Iterator<SequenceRow> rows) {
    RowEncoder encoder = model.encoder();
    ScorePart part = new ScorePart(encoder.task().score(encoder));
    ReaderInHand.Reading reading = model.reading();
    Iterator<List<Item<SequenceRow>>> batches =
        reading.batches(rows, row -> part.usable(row, encoder));
    while (batches.hasNext()) {
      part.add(reading, batches.next(), encoder);
    }
    return part;
  }

  /** What is read of a row; a row that cannot be scored is counted. */
  private Optional<SequenceExample> usable(SequenceRow row, RowEncoder encoder) {
    try {
      return Optional.of(encoder.task().toScore(row, encoder));
    } catch (UnusableRowException e) {
      rows = rows.plus(new ShardSummary(0, 0, 1, e.getMessage(), row.key()));
      return Optional.empty();
    }
  }

  private void add(ReaderInHand.Reading reading, List<Item<SequenceRow>> some, RowEncoder encoder) {
    List<Prediction> said = reading.read(some);
    loss += reading.loss().sum();
    weight += reading.loss().weight();
    for (int i = 0; i < some.size(); i++) {
      SequenceExample example = some.get(i).example();
      score.add(some.get(i).row(), example, said.get(i), encoder);
      rows = rows.plus(new ShardSummary(1, example.steps(), 0, null, null));
    }
  }

  void add(ScorePart other) {
    score.add(other.score);
    loss += other.loss;
    weight += other.weight;
    rows = rows.plus(other.rows);
  }
}
