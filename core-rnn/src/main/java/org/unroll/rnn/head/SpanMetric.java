// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.head;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.model.Loss;

/**
 * How many spans were found, as the shared tasks of CoNLL count them: labels {@code B-x} begin a
 * span of type x, {@code I-x} go on with it, or begin one if none of that type is open; all other
 * labels are outside. A span is right if its first step, its last step and its type are. Sums: of
 * every type the spans that are there, those that were said, and those that were right.
 */
public final class SpanMetric implements Metric {
  private static final long serialVersionUID = 1L;

  private record Span(int type, int from, int to) {}

  private final List<String> types;

  /** Of every label its type, or -1 outside of spans; and whether it begins one. */
  private final int[] typeOf;

  private final boolean[] begins;

  /** Spans of labels with these names, by id. */
  public SpanMetric(List<String> labels) {
    TreeSet<String> found = new TreeSet<>();
    labels.stream().filter(SpanMetric::isInside).forEach(label -> found.add(label.substring(2)));
    types = List.copyOf(found);
    typeOf = new int[labels.size()];
    begins = new boolean[labels.size()];
    for (int i = 0; i < typeOf.length; i++) {
      String label = labels.get(i);
      typeOf[i] = isInside(label) ? types.indexOf(label.substring(2)) : -1;
      begins[i] = label.startsWith("B-");
    }
  }

  private static boolean isInside(String label) {
    return label.startsWith("B-") || label.startsWith("I-");
  }

  /** The types, in the order of the sums. */
  public List<String> types() {
    return types;
  }

  @Override
  public int size() {
    return 3 * types.size();
  }

  @Override
  public void add(SequenceExample example, Prediction prediction, double[] sums) {
    if (example.labels() == null) {
      return;
    }
    List<Span> there = spans(example.labels());
    List<Span> said = spans(prediction.labels());
    there.forEach(span -> sums[3 * span.type()]++);
    said.forEach(span -> sums[3 * span.type() + 1]++);
    said.stream().filter(there::contains).forEach(span -> sums[3 * span.type() + 2]++);
  }

  private List<Span> spans(int[] labels) {
    List<Span> spans = new ArrayList<>();
    int type = -1;
    int from = 0;
    for (int t = 0; t <= labels.length; t++) {
      boolean outside = t == labels.length || labels[t] < 0;
      int next = outside ? -1 : typeOf[labels[t]];
      boolean begins = !outside && this.begins[labels[t]];
      if (type >= 0 && (next != type || begins)) {
        spans.add(new Span(type, from, t));
        type = -1;
      }
      if (type < 0 && next >= 0) {
        type = next;
        from = t;
      }
    }
    return spans;
  }

  @Override
  public Loss error(double[] sums) {
    double all = sum(sums, 0) + sum(sums, 1);
    return new Loss(all - 2 * sum(sums, 2), all);
  }

  /** {@code precision}, {@code recall} and {@code f1} over the spans of all types. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    double there = sum(sums, 0);
    double said = sum(sums, 1);
    double right = sum(sums, 2);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("precision", said == 0 ? 0 : right / said);
    figures.put("recall", there == 0 ? 0 : right / there);
    figures.put("f1", there + said == 0 ? 0 : 2 * right / (there + said));
    return figures;
  }

  /** One of the three sums over all types. */
  private static double sum(double[] sums, int which) {
    double sum = 0;
    for (int i = which; i < sums.length; i += 3) {
      sum += sums[i];
    }
    return sum;
  }
}
