// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.lang3.StringUtils;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.rows.TextSplitter;

/**
 * Examples of answers to rows that were held out, for the page of a model: what was read, what is
 * said about it and what is right, and how attention went from the one to the other.
 */
final class PageExamples {
  /** The first rows of the data, among which the examples are. */
  private static final int ROWS = 50;

  private static final int EXAMPLES = 6;

  /** The examples whose attention is shown. */
  private static final int PICTURES = 3;

  /** Pictures of longer rows nobody can read: shorter ones come first, and answers are cut. */
  private static final int STEPS = 50;

  /** The most characters of a text that are shown. */
  private static final int CHARACTERS = 400;

  private final RowTask task;
  private final RowEncoder encoder;

  /** How text was cut, or null where none is read. */
  private final TextCodec source;

  private PageExamples(ModelInHand model, TextSplitter splitter) {
    task = (RowTask) model.task();
    encoder = model.encoder();
    boolean reads = !encoder.vocabularies().isEmpty();
    source = reads ? TextCodec.of(splitter, encoder.vocabularies().get(0)) : null;
  }

  /**
   * Returns examples, always the same ones: of the first rows, of which equal ones count once,
   * those that are short, in their order; none of a task whose answers are not for people.
   */
  static List<Report.Example> of(ModelInHand model, RowSet data, TextSplitter splitter) {
    return new PageExamples(model, splitter).of(model, data.rows().take(ROWS));
  }

  private List<Report.Example> of(ModelInHand model, List<SequenceRow> rows) {
    List<ModelInHand.Item<SequenceRow>> usable = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (SequenceRow row : rows) {
      try {
        Example example = task.toScore(row, encoder);
        if (!task.right(row).isEmpty() && (source == null || seen.add(read(row)))) {
          usable.add(new ModelInHand.Item<>(row, example));
        }
      } catch (RowTask.UnusableRowException e) {
        continue; // those who score the rows have said so
      }
    }
    usable.sort(Comparator.comparing(item -> item.example().steps() > STEPS));
    List<ModelInHand.Item<SequenceRow>> chosen = usable.stream().limit(EXAMPLES).toList();
    if (chosen.isEmpty()) {
      return List.of();
    }
    Iterator<Report.Example> answers =
        model.reading().answers(chosen.iterator(), ModelInHand.Item::example, this::example);
    List<Report.Example> examples = new ArrayList<>();
    while (answers.hasNext()) {
      Report.Example next = answers.next();
      long pictures = examples.stream().filter(some -> some.attention() != null).count();
      examples.add(pictures < PICTURES ? next : next.withoutAttention());
    }
    return examples;
  }

  private Report.Example example(
      ModelInHand.Item<SequenceRow> item, Example example, Prediction said) {
    SequenceRow row = item.row();
    String answer = words(task.answer(row, example, said, encoder)[0]);
    List<String> right = task.right(row);
    boolean hit = (example.texts() == null ? right : example.texts()).contains(answer);
    return new Report.Example(
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

  private static String words(Object answer) {
    return answer instanceof float[] numbers
        ? Figures.significant(numbers)
        : answer instanceof String[] labels ? String.join(" ", labels) : answer.toString();
  }

  private static String cut(String text) {
    return StringUtils.abbreviate(text, "…", CHARACTERS);
  }

  private Report.Attention attention(Example example, Prediction said) {
    if (said.written().isEmpty() || example.steps() > STEPS) {
      return null;
    }
    Prediction.Written best = said.written().get(0);
    if (best.attention().length == 0) {
      return null;
    }
    List<String> written = new ArrayList<>(encoder.target().names(best.tokens()));
    written.add(Report.Attention.END); // unless the answer came to none
    int shown = Math.min(best.attention().length, STEPS);
    List<String> read =
        source != null
            ? source.names(example.tokens()[0])
            : IntStream.rangeClosed(1, example.steps()).mapToObj(Integer::toString).toList();
    return new Report.Attention(
        read, written.subList(0, shown), Arrays.copyOf(best.attention(), shown));
  }
}
