// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;

/**
 * This metric counts spans as {@code conlleval}, the script of CoNLL's shared tasks, does (Tjong
 * Kim Sang and Buchholz 2000): labels {@code B-x} begin a span of type x, {@code I-x} go on with it
 * and {@code E-x} end it, each beginning one if none of that type is open; {@code S-x} is one
 * alone; all other labels are outside. A span is right if its first step, its last step and its
 * type are. The sums are, of every type, the spans that are there, those that were said, and those
 * that were right.
 */
public final class SpanMetric implements Metric {
  private static final long serialVersionUID = 1L;

  private record Span(int type, int from, int to) {}

  private final List<String> types;

  private final int known;

  // The type of every label, or -1 outside of spans; whether it begins one, and ends one.
  private final int[] typeOf;
  private final boolean[] begins;
  private final boolean[] ends;

  /**
   * Makes the metric of labels with these names, by id.
   *
   * @param unseen names of labels that the model does not know, by the numbers of {@link
   *     Example#unseenLabel}
   */
  public SpanMetric(List<String> labels, List<String> unseen) {
    List<String> all = Stream.concat(labels.stream(), unseen.stream()).toList();
    TreeSet<String> found = new TreeSet<>();
    all.stream().filter(SpanMetric::isInside).forEach(label -> found.add(label.substring(2)));
    types = List.copyOf(found);
    known = labels.size();
    typeOf = new int[all.size()];
    begins = new boolean[all.size()];
    ends = new boolean[all.size()];
    for (int i = 0; i < typeOf.length; i++) {
      String label = all.get(i);
      typeOf[i] = isInside(label) ? types.indexOf(label.substring(2)) : -1;
      begins[i] = label.startsWith("B-") || label.startsWith("S-");
      ends[i] = label.startsWith("E-") || label.startsWith("S-");
    }
  }

  private static boolean isInside(String label) {
    return label.length() > 1 && "BIES".indexOf(label.charAt(0)) >= 0 && label.charAt(1) == '-';
  }

  @Override
  public int size() {
    return 3 * types.size();
  }

  @Override
  public double[] add(Example example, Prediction prediction, double[] sums) {
    if (example.labels() == null) {
      return sums;
    }
    Set<Span> there = new HashSet<>(spans(example.labels()));
    List<Span> said = spans(prediction.labels());
    there.forEach(span -> sums[3 * span.type()]++);
    said.forEach(span -> sums[3 * span.type() + 1]++);
    said.stream().filter(there::contains).forEach(span -> sums[3 * span.type() + 2]++);
    return sums;
  }

  private List<Span> spans(int[] labels) {
    List<Span> spans = new ArrayList<>();
    int type = -1;
    int from = 0;
    boolean ended = false;
    for (int t = 0; t <= labels.length; t++) {
      boolean outside = t == labels.length || labels[t] == Batch.MASKED;
      int label = outside ? -1 : Example.place(labels[t], known);
      int next = outside ? -1 : typeOf[label];
      if (type >= 0 && (ended || next != type || begins[label])) {
        spans.add(new Span(type, from, t));
        type = -1;
      }
      if (type < 0 && next >= 0) {
        type = next;
        from = t;
      }
      ended = !outside && ends[label];
    }
    return spans;
  }

  @Override
  public Loss error(double[] sums) {
    double all = sum(sums, 0) + sum(sums, 1);
    return new Loss(all - 2 * sum(sums, 2), all);
  }

  /** Returns {@code precision}, {@code recall} and {@code f1} over the spans of all types. */
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

  /** Returns one of the three sums over all types. */
  private static double sum(double[] sums, int which) {
    IntStream places = IntStream.iterate(which, i -> i < sums.length, i -> i + 3);
    return places.mapToDouble(i -> sums[i]).sum();
  }
}
