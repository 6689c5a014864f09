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
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BoundedBatches;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.BatchMemory;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.train.Evaluator;

/**
 * A model in hand is what executors need of a model to read rows.
 *
 * @param search how answers are looked for that are not told step by step
 */
@DefaultSerializer(JavaSerializer.class)
record ModelInHand(Task task, RowEncoder encoder, NetworkSpec spec, float[] params, Search search)
    implements Serializable {
  /** The most rows that are read together; fewer where they are long. */
  private static final int ROWS = 64;

  /** A row and what is read of it. */
  record Item<R>(R row, Example example) {}

  /** Makes what is told of a row of what the model says of it. */
  interface Answer<R, A> {
    A of(R row, Example example, Prediction said);
  }

  /**
   * Refuses what is no number, though all parameters are: they may be too large for anything to be
   * computed with them.
   */
  static void requireNumber(double said) {
    if (!Double.isFinite(said)) {
      throw new InputException(
          ("What the model (--model) computes is no number but %s: its parameters are damaged, or its"
                  + " training diverged. Restore it from a copy or train again.")
              .formatted(said));
    }
  }

  /** Refuses a search that follows more texts than there are tokens to begin with. */
  static void requireTokens(Search search, RowEncoder encoder) {
    if (encoder.target() != null && search.beam() > encoder.target().vocabulary().size()) {
      throw new InputException(
          "--beam %s is more than the %s tokens that the model can write: give a smaller one."
              .formatted(search.beam(), encoder.target().vocabulary().size()));
    }
  }

  /** Returns somebody who reads, with buffers of their own. */
  Reading reading() {
    return new Reading();
  }

  /** Reads batches, one after the other. */
  final class Reading {
    private final Pass pass;
    private final BatchMemory memory;
    private final Batch batch = new Batch(spec.batchShape());

    private Reading() {
      Network network = new Network(spec);
      pass = new Pass(network);
      memory = new BatchMemory(network);
      pass.load(params);
    }

    /**
     * Returns the rows in their order, as many at a time as may be read together.
     *
     * @param item what is read of a row; empty if it is left out
     */
    <R> Iterator<List<Item<R>>> batches(Iterator<R> rows, Function<R, Optional<Example>> item) {
      Iterator<Item<R>> items =
          stream(rows)
              .flatMap(row -> item.apply(row).map(example -> new Item<>(row, example)).stream())
              .iterator();
      return new BoundedBatches<>(items, i -> memory.bytes(i.example()), ROWS, BatchMemory.READING);
    }

    /**
     * Returns what is told of rows, in their order; they are read a batch at a time.
     *
     * @param inputs what is read of a row
     */
    <R, A> Iterator<A> answers(Iterator<R> rows, Function<R, Example> inputs, Answer<R, A> answer) {
      return stream(batches(rows, row -> Optional.of(inputs.apply(row))))
          .flatMap(items -> answers(items, answer))
          .iterator();
    }

    private static <T> Stream<T> stream(Iterator<T> some) {
      return StreamSupport.stream(
          Spliterators.spliteratorUnknownSize(some, Spliterator.ORDERED), false);
    }

    private <R, A> Stream<A> answers(List<Item<R>> items, Answer<R, A> answer) {
      Iterator<Prediction> said = read(items).iterator();
      return items.stream().map(item -> answer.of(item.row(), item.example(), said.next()));
    }

    /** Returns what the model says of some sequences, in their order. */
    <R> List<Prediction> read(List<Item<R>> items) {
      return read(items, search, task.readsStates());
    }

    /**
     * Returns what the model says of some sequences, in their order.
     *
     * @param how answers are looked for that are not told step by step
     * @param states whether the encoder's outputs are wanted
     */
    <R> List<Prediction> read(List<Item<R>> items, Search how, boolean states) {
      fill(items);
      pass.read(batch, null);
      Map<Example, Prediction> said = new IdentityHashMap<>();
      for (int row = 0; row < batch.rows(); row++) {
        Prediction prediction = pass.prediction(row, how);
        said.put(
            batch.example(row),
            requireNumbers(states ? prediction.withStates(pass.outputs(row)) : prediction));
      }
      List<Prediction> inOrder = new ArrayList<>(items.size());
      items.forEach(item -> inOrder.add(said.get(item.example())));
      return inOrder;
    }

    private static Prediction requireNumbers(Prediction said) {
      for (float[] numbers : List.of(said.probabilities(), said.values(), said.states())) {
        for (float number : numbers) {
          requireNumber(number);
        }
      }
      return said;
    }

    private <R> void fill(List<Item<R>> items) {
      batch.fill(items.stream().map(Item::example).toList());
    }

    /** Returns somebody who adds up what the model says of sequences. */
    Evaluator evaluator(Metric metric) {
      return new Evaluator(pass, metric, search);
    }

    /** Adds what the model says of some sequences. */
    <R> void evaluate(Evaluator evaluator, List<Item<R>> items) {
      fill(items);
      evaluator.read(batch, null);
    }
  }
}
