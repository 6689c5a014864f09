// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.lang3.StringUtils;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.rows.TextSplitter;

/**
 * Examples of answers to rows: what was read, what is said about it and what is right, and how
 * attention went from the one to the other.
 */
final class PageExamples {
  /** The first rows of the data, among which the examples of a training's page are. */
  private static final int ROWS = 50;

  private static final int EXAMPLES = 6;

  /** The examples of a training's page whose attention is shown. */
  private static final int PICTURES = 3;

  /** Pictures of longer rows nobody reads on a training's page: shorter ones come first. */
  private static final int STEPS = 50;

  /** The most characters of a text that are shown. */
  private static final int CHARACTERS = 400;

  private final ModelInHand model;

  /** The most steps of a row, and tokens of an answer, in a picture of attention. */
  private final int steps;

  private final Task task;
  private final RowEncoder encoder;

  /** How text was cut, or null where none is read. */
  private final TextCodec source;

  /** Makes examples for a training's page. */
  PageExamples(ModelInHand model, TextSplitter splitter) {
    this(model, splitter, STEPS);
  }

  /**
   * Makes examples of what a model answers to rows.
   *
   * @param splitter that cut their texts
   * @param steps the most of a row, and tokens of an answer, in a picture of attention
   */
  PageExamples(ModelInHand model, TextSplitter splitter, int steps) {
    this.model = model;
    this.steps = steps;
    task = model.task();
    encoder = model.encoder();
    boolean reads = !encoder.vocabularies().isEmpty();
    source = reads ? TextCodec.of(splitter, encoder.vocabularies().get(0)) : null;
  }

  /** Returns the rows among which the examples of a training's page are, by a Spark job. */
  static List<SequenceRow> first(RowSet data) {
    return data.rows().take(ROWS);
  }

  /**
   * Returns examples, always the same ones: of some rows, of which equal ones count once, those
   * that are short, in their order; none of a task whose answers are not for people.
   */
  List<Report.Example> some(List<SequenceRow> rows) {
    List<ModelInHand.Item<SequenceRow>> usable = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (SequenceRow row : rows) {
      try {
        Example example = ((RowTask) task).toScore(row, encoder);
        if (!right(row).isEmpty() && (source == null || seen.add(read(row)))) {
          usable.add(new ModelInHand.Item<>(row, example));
        }
      } catch (RowTask.UnusableRowException e) {
        continue; // those who score the rows have said so
      }
    }
    usable.sort(Comparator.comparing(item -> item.example().steps() > STEPS));
    List<Report.Example> examples = new ArrayList<>();
    for (Report.Example next : of(usable.stream().limit(EXAMPLES).toList())) {
      long pictures = examples.stream().filter(some -> some.attention() != null).count();
      examples.add(pictures < PICTURES ? next : next.withoutAttention());
    }
    return examples;
  }

  /** Returns an example of each row, in their order. */
  List<Report.Example> of(List<ModelInHand.Item<SequenceRow>> items) {
    List<Report.Example> examples = new ArrayList<>();
    if (!items.isEmpty()) {
      model
          .reading()
          .answers(items.iterator(), ModelInHand.Item::example, this::example)
          .forEachRemaining(examples::add);
    }
    return examples;
  }

  private List<String> right(SequenceRow row) {
    boolean labelled = row.label() != null || row.stepLabels() != null || row.targets() != null;
    boolean tells = labelled || task.labelKind() == LabelKind.NONE;
    return tells ? ((RowTask) task).right(row) : List.of();
  }

  private Report.Example example(
      ModelInHand.Item<SequenceRow> item, Example example, Prediction said) {
    SequenceRow row = item.row();
    String answer = ((RowTask) task).words(task.answer(row, example, said, encoder));
    List<String> right = right(row);
    boolean hit = (example.texts() == null ? right : example.texts()).contains(answer);
    return new Report.Example(
        "",
        read(row),
        cut(answer),
        right.stream().map(PageExamples::cut).toList(),
        hit,
        attention(example, said));
  }

  private String read(SequenceRow row) {
    if (source != null) {
      return cut(source.text(Arrays.asList(row.tokens()[0])));
    }
    String size =
        "%s of %s"
            .formatted(
                Figures.count(row.steps(), "step"), Figures.count(encoder.channels(), "number"));
    return row.id() == null ? size : row.id() + ": " + size;
  }

  private static String cut(String text) {
    return StringUtils.abbreviate(text, "…", CHARACTERS);
  }

  private Report.Attention attention(Example example, Prediction said) {
    if (said.written().isEmpty() || example.steps() > steps) {
      return null;
    }
    Prediction.Written best = said.written().get(0);
    if (best.attention().length == 0) {
      return null;
    }
    List<String> written = new ArrayList<>(encoder.target().names(best.tokens()));
    written.add(Report.Attention.END); // unless the answer came to none
    int shown = Math.min(best.attention().length, steps);
    List<String> read =
        source != null
            ? source.names(example.tokens()[0])
            : IntStream.rangeClosed(1, example.steps()).mapToObj(Integer::toString).toList();
    return new Report.Attention(
        read, written.subList(0, shown), Arrays.copyOf(best.attention(), shown));
  }
}
