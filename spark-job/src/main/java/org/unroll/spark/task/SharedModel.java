// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.Iterator;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.network.Search;
import org.unroll.spark.rows.SequenceRow;

/**
 * A model that tasks have in common: its numbers travel to an executor once, and all tasks there
 * read the one copy.
 *
 * @param broadcast the numbers, with what belongs to them
 * @param task what is told of rows
 * @param search how answers are looked for that are not told step by step
 */
public record SharedModel(Broadcast<?> broadcast, Task task, Search search)
    implements Serializable {

  /**
   * Shares a model.
   *
   * @throws org.unroll.rnn.io.InputException if the search follows more texts than there are tokens
   *     to begin with
   */
  public static SharedModel of(SparkSession session, TaskModel model, Search search) {
    ModelInHand inHand = model.inHand(search);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    return new SharedModel(spark.broadcast(inHand), model.task(), search);
  }

  /**
   * Returns the same numbers, of which something else is told.
   *
   * @param model with the same numbers
   * @throws org.unroll.rnn.io.InputException if the search follows more texts than there are tokens
   *     to begin with
   */
  public SharedModel telling(TaskModel model, Search other) {
    ModelInHand.requireTokens(other, model.encoder());
    return new SharedModel(broadcast, model.task(), other);
  }

  /**
   * Returns answers for rows in their order, made as somebody asks for them, a batch at a time.
   *
   * @param row what is read of each
   * @param answer makes the answer of what is told of a row, in the order of {@link Task#columns}
   */
  public <R, A> Iterator<A> answers(
      Iterator<R> rows, Function<R, SequenceRow> row, BiFunction<R, Object[], A> answer) {
    ModelInHand shared = (ModelInHand) broadcast.value();
    RowEncoder encoder = shared.encoder();
    return new ModelInHand(task, encoder, shared.spec(), shared.params(), search)
        .reading()
        .answers(
            rows,
            some -> task.toRead(row.apply(some), encoder),
            (some, example, said) ->
                answer.apply(some, task.answer(row.apply(some), example, said, encoder)));
  }

  /** Frees what the executors hold; nothing can be answered afterwards. */
  public void destroy() {
    broadcast.destroy();
  }
}
