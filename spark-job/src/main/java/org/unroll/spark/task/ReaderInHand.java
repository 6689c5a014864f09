// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.unroll.rnn.data.BoundedBatches;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.ReaderMemory;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.ReaderRunner;
import org.unroll.rnn.network.ReaderSpec;

/** What executors need of a model to read rows. */
@DefaultSerializer(JavaSerializer.class)
record ReaderInHand(RowEncoder encoder, ReaderSpec spec, float[] params, int beam)
    implements Serializable {
  /** Rows that are read together at most; fewer where they are long. */
  private static final int ROWS = 64;

  /** A row and what is read of it. */
  record Item<R>(R row, SequenceExample example) {}

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
    private final ReaderMemory memory;
    private final SequenceBatch batch = new SequenceBatch(spec.batchShape());

    private Reading() {
      ReaderModel model = new ReaderModel(spec);
      runner = new ReaderRunner(model, new Team(1));
      memory = new ReaderMemory(model);
      runner.setParams(params);
    }

    /**
     * The rows in their order, as many at a time as may be read together.
     *
     * @param item what is read of a row; empty if it is left out
     */
    <R> Iterator<List<Item<R>>> batches(
        Iterator<R> rows, Function<R, Optional<SequenceExample>> item) {
      Spliterator<R> all = Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED);
      Iterator<Item<R>> items =
          StreamSupport.stream(all, false)
              .flatMap(row -> item.apply(row).map(example -> new Item<>(row, example)).stream())
              .iterator();
      return new BoundedBatches<>(
          items, i -> memory.bytes(i.example()), ROWS, ReaderMemory.READING);
    }

    /** What the model says of some sequences, in their order. */
    <R> List<Prediction> read(List<Item<R>> items) {
      List<SequenceExample> examples = items.stream().map(Item::example).toList();
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
