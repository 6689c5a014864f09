// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.reading;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.head.Prediction;
import org.unroll.spark.data.sequence.SequenceRow;

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
    List<SequenceRow> some = new ArrayList<>();
    List<SequenceExample> examples = new ArrayList<>();
    while (rows.hasNext()) {
      SequenceRow row = rows.next();
      try {
        examples.add(encoder.task().toScore(row, encoder));
        some.add(row);
      } catch (UnusableRowException e) {
        part.rows = part.rows.plus(new ShardSummary(0, 0, 1, e.getMessage(), row.key()));
      }
      if (ReaderInHand.isFull(examples) || !rows.hasNext() && !examples.isEmpty()) {
        part.add(reading, some, examples, encoder);
        some.clear();
        examples.clear();
      }
    }
    return part;
  }

  private void add(
      ReaderInHand.Reading reading,
      List<SequenceRow> some,
      List<SequenceExample> examples,
      RowEncoder encoder) {
    List<Prediction> said = reading.read(examples);
    loss += reading.loss().sum();
    weight += reading.loss().weight();
    for (int i = 0; i < some.size(); i++) {
      score.add(some.get(i), examples.get(i), said.get(i), encoder);
      rows = rows.plus(new ShardSummary(1, examples.get(i).steps(), 0, null, null));
    }
  }

  void add(ScorePart other) {
    score.add(other.score);
    loss += other.loss;
    weight += other.weight;
    rows = rows.plus(other.rows);
  }
}
