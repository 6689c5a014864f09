// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.Search;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowAssembler;
import org.unroll.spark.rows.SequenceRow;

/**
 * A task reader has a model answer rows in this process, without Spark: its parameters are packed
 * once, and its buffers are kept. What it says of a row does not depend on the rows beside it. Not
 * for use by two threads at a time.
 */
public final class TaskReader {
  private final TaskModel model;
  private final ModelInHand.Reading reading;

  TaskReader(TaskModel model) {
    this.model = model;
    reading = model.inHand(Search.GREEDY).reading();
  }

  /**
   * An answer to a row.
   *
   * @param fields what is told of it, by the names of {@link Task#columns}
   * @param tokens names of what was read in the first column, step by step; empty where only
   *     numbers are read
   * @param labels the classes that probabilities are of, in their order; empty without
   * @param probabilities of the classes {@code [C]}, or of those of every step {@code [T, C]}, step
   *     by step; empty for numbers, aligned labels and texts
   * @param written the tokens that were written, and the end, where alignment is told; else empty
   */
  public record Answer(
      Map<String, Object> fields,
      List<String> tokens,
      List<String> labels,
      float[] probabilities,
      List<String> written) {}

  /**
   * Returns the row of values that a program sends.
   *
   * @param values by the names of the model's columns; others may be among them
   * @throws InputException if they are none
   */
  public SequenceRow row(Map<String, ?> values) {
    TaskModel.Columns columns = model.columns();
    ColumnChoice choice =
        new ColumnChoice(
            model.textColumns(),
            columns.features(),
            null,
            null,
            LabelKind.NONE,
            model.task().missing());
    SequenceRow row = RowAssembler.of(values, choice, columns.splitter());
    if (row.channels() != model.channels()) {
      throw new InputException(
          "The row has %s numbers in each step, but the model reads %s."
              .formatted(row.channels(), model.channels()));
    }
    return model.isCut() ? row.withTokens(cut(row)) : row;
  }

  private String[][] cut(SequenceRow row) {
    return new String[][] {
      Arrays.stream(row.tokens()[0])
          .flatMap(text -> model.source().tokens(text).stream())
          .toArray(String[]::new)
    };
  }

  /**
   * Returns what the model says of rows, in their order.
   *
   * @param search how answers are looked for that are not told step by step
   * @param alignment whether one that writes tells what it looked at
   * @throws InputException if the search follows more texts than there are tokens to begin with
   */
  public List<Answer> answers(List<SequenceRow> rows, Search search, boolean alignment) {
    RowEncoder encoder = model.encoder();
    ModelInHand.requireTokens(search, encoder);
    Task task =
        model.task() instanceof Writing writing
            ? writing.with(new Writing.Form(0, 0, search.best(), alignment))
            : model.task();
    List<Answer> answers = new ArrayList<>(rows.size());
    reading
        .batches(rows.iterator(), row -> Optional.of(task.toRead(row, encoder)))
        .forEachRemaining(
            items -> {
              List<Prediction> said = reading.read(items, search, task.readsStates());
              for (int i = 0; i < said.size(); i++) {
                SequenceRow row = items.get(i).row();
                answers.add(answer(task, row, items.get(i).example(), said.get(i), alignment));
              }
            });
    return answers;
  }

  private Answer answer(
      Task task, SequenceRow row, Example example, Prediction said, boolean alignment) {
    RowEncoder encoder = model.encoder();
    Object[] told = task.answer(row, example, said, encoder);
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < told.length; i++) {
      fields.put(task.columns().fieldNames()[i], told[i]);
    }
    boolean probable = said.probabilities().length > 0 && task instanceof RowTask;
    List<String> written = new ArrayList<>();
    if (alignment && !said.written().isEmpty()) {
      written.addAll(encoder.target().names(said.written().get(0).tokens()));
      written.add(Vocabulary.EOS);
      // One that was cut off at its longest has no end.
      written =
          written.subList(0, Math.min(written.size(), said.written().get(0).attention().length));
    }
    return new Answer(
        fields,
        tokens(example),
        probable ? encoder.labels() : List.of(),
        probable ? said.probabilities() : new float[0],
        List.copyOf(written));
  }

  private List<String> tokens(Example example) {
    if (example.tokens() == null || example.tokens().length == 0) {
      return List.of();
    }
    return model.source().names(example.tokens()[0]);
  }

  /**
   * Returns the outputs {@code [T][W]} of the last recurrent layer of the encoder behind each step
   * of rows, in their order.
   */
  public List<float[][]> states(List<SequenceRow> rows) {
    RowEncoder encoder = model.encoder();
    List<float[][]> states = new ArrayList<>(rows.size());
    reading
        .batches(rows.iterator(), row -> Optional.of(model.task().toRead(row, encoder)))
        .forEachRemaining(
            items -> {
              List<Prediction> said = reading.read(items, Search.GREEDY, true);
              for (int i = 0; i < said.size(); i++) {
                states.add(vectors(said.get(i).states(), items.get(i).example().steps()));
              }
            });
    return states;
  }

  /** Returns the vectors of steps that stand one behind the other. */
  static float[][] vectors(float[] all, int steps) {
    int width = steps == 0 ? 0 : all.length / steps;
    float[][] vectors = new float[steps][];
    Arrays.setAll(vectors, t -> Arrays.copyOfRange(all, t * width, (t + 1) * width));
    return vectors;
  }
}
