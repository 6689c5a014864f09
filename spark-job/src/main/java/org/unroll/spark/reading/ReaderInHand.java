// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.reading;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.head.Prediction;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.reader.ReaderModel;
import org.unroll.rnn.reader.ReaderRunner;
import org.unroll.rnn.reader.ReaderSpec;

/** What executors need of a model to read rows. */
@DefaultSerializer(JavaSerializer.class)
record ReaderInHand(RowEncoder encoder, ReaderSpec spec, float[] params, int beam)
    implements Serializable {
  /** Rows that are read together at most, */
  static final int ROWS = 64;

  /** but no more once they have so many steps. */
  private static final long STEPS = 1 << 15;

  /** Whether no more rows are to be read together with these. */
  static boolean isFull(List<SequenceExample> some) {
    return some.size() >= ROWS || some.stream().mapToLong(SequenceExample::steps).sum() >= STEPS;
  }

  /** The same for a task that knows more. */
  ReaderInHand with(ReadingTask task) {
    return new ReaderInHand(encoder.with(task), spec, params, beam);
  }

  /** Somebody who reads, with buffers of their own. */
  Reading reading() {
    return new Reading();
  }

  /** Reads batches, one after the other. */
  final class Reading {
    private final ReaderRunner runner;
    private final SequenceBatch batch = new SequenceBatch(spec.batchShape());

    private Reading() {
      runner = new ReaderRunner(new ReaderModel(spec), new Team(1));
      runner.setParams(params);
    }

    /** What the model says of some sequences, in their order. */
    List<Prediction> read(List<SequenceExample> examples) {
      batch.fill(examples);
      runner.read(batch);
      Map<SequenceExample, Prediction> said = new IdentityHashMap<>();
      for (int row = 0; row < batch.rows(); row++) {
        Prediction prediction = runner.prediction(row, beam);
        said.put(
            batch.example(row),
            encoder.task().readsStates() ? prediction.withStates(runner.outputs(row)) : prediction);
      }
      List<Prediction> inOrder = new ArrayList<>(examples.size());
      examples.forEach(example -> inOrder.add(said.get(example)));
      return inOrder;
    }

    /** The loss over those. */
    Loss loss() {
      return runner.loss();
    }
  }
}
