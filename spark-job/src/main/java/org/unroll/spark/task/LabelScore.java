// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.data.UnseenLabel;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.SpanMetric;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.SequenceRow;

/** Labels of sequences or of steps: confusion, spans where labels make up such, and AUC of two. */
final class LabelScore extends TaskScore {
  private static final long serialVersionUID = 1L;

  /** Larger tables would not be read by anybody. */
  private static final int MOST_SHOWN = 60;

  /** What answers are made of. */
  private final List<String> labels;

  /** What may be there: those, and labels that the model does not know. */
  private final List<String> there;

  private final ConfusionMetric confusion;
  private final double[] counts;
  private final SpanMetric spans;
  private final double[] spanCounts;

  /** Of the second of two labels, or null. */
  private final Auc auc;

  /**
   * @param ofSteps whether every step has a label
   * @param ofSpans and the labels make up spans
   */
  LabelScore(RowEncoder encoder, boolean ofSteps, boolean ofSpans) {
    labels = encoder.labels();
    there = Stream.concat(labels.stream(), encoder.unseen().stream()).toList();
    confusion = new ConfusionMetric(labels.size(), encoder.unseen().size());
    counts = new double[confusion.size()];
    spans = ofSpans ? new SpanMetric(labels, encoder.unseen()) : null;
    spanCounts = new double[spans == null ? 0 : spans.size()];
    auc = !ofSteps && labels.size() == 2 ? new Auc() : null;
  }

  @Override
  void add(SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder) {
    confusion.add(example, said, counts);
    if (spans != null) {
      spans.add(example, said, spanCounts);
    }
    if (auc != null && !UnseenLabel.is(example.labels()[0])) {
      auc.add(said.probabilities()[1], example.labels()[0] == 1);
    }
  }

  @Override
  void add(TaskScore other) {
    LabelScore that = (LabelScore) other;
    plus(counts, that.counts);
    plus(spanCounts, that.spanCounts);
    if (auc != null) {
      auc.add(that.auc);
    }
  }

  private static void plus(double[] sums, double[] more) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more[i];
    }
  }

  @Override
  Map<String, Object> figures(double loss) {
    Map<String, Object> figures = new LinkedHashMap<>();
    if (spans != null) {
      figures.putAll(spans.figures(spanCounts));
    }
    figures.putAll(confusion.figures(counts));
    if (auc != null) {
      figures.put("auc", auc.area());
    }
    return figures;
  }

  @Override
  List<Report.Table> tables() {
    List<Report.Table> tables = new ArrayList<>();
    tables.add(byLabel());
    if (there.size() <= MOST_SHOWN) {
      tables.add(confusionTable());
    }
    return tables;
  }

  private double count(int truth, int said) {
    return counts[truth * labels.size() + said];
  }

  private Report.Table byLabel() {
    List<List<String>> rows = new ArrayList<>();
    for (int c = 0; c < there.size(); c++) {
      boolean known = c < labels.size();
      double present = confusion.there(counts, c);
      double said = known ? confusion.said(counts, c) : 0;
      double right = known ? count(c, c) : 0;
      rows.add(
          List.of(
              there.get(c),
              Figures.count((long) present),
              share(right, said),
              share(right, present),
              share(2 * right, present + said)));
    }
    return new Report.Table(
        "By label", List.of("label", "there", "precision", "recall", "F1"), rows);
  }

  private static String share(double part, double whole) {
    return whole == 0 ? "–" : Figures.share(part / whole);
  }

  private Report.Table confusionTable() {
    List<String> columns = new ArrayList<>();
    columns.add("true \\ predicted");
    columns.addAll(labels);
    List<List<String>> rows = new ArrayList<>();
    for (int c = 0; c < there.size(); c++) {
      List<String> row = new ArrayList<>();
      row.add(there.get(c));
      for (int said = 0; said < labels.size(); said++) {
        row.add(Figures.count((long) count(c, said)));
      }
      rows.add(row);
    }
    return new Report.Table("Confusion", columns, rows);
  }
}
