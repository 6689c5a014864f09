// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.math.Packing;

/**
 * Prefix beam search (Graves et al. 2006; Hannun et al. 2014) follows the most probable prefixes of
 * labels, each summed over the ways in which the steps can say it, and returns the best.
 */
final class PrefixBeam {
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  /** A prefix is the one before it and its last label; the empty one has label 0. */
  private record Prefix(int parent, int label) {}

  /** A chance is the logarithms of a prefix's probabilities with a blank behind it and without. */
  private static final class Chance {
    double blank = NEVER;
    double label = NEVER;

    double all() {
      return CtcLoss.logAdd(blank, label);
    }
  }

  private final int classes;
  private final int width;
  private final List<Prefix> prefixes = new ArrayList<>(List.of(new Prefix(-1, 0)));
  private final Map<Prefix, Integer> numbers = new HashMap<>();

  PrefixBeam(int classes, int width) {
    this.classes = classes;
    this.width = width;
  }

  /** Returns the labels of the sequence in a row. */
  int[] decode(float[] scores, Packing packing, int row) {
    Map<Integer, Chance> beam = new LinkedHashMap<>();
    Chance empty = new Chance();
    empty.blank = 0;
    beam.put(0, empty);
    for (int t = 0; t < packing.length(row); t++) {
      int at = (packing.at(t) + row) * classes;
      double logSum = SoftmaxLoss.logSumExp(scores, at, classes);
      beam = best(step(beam, scores, at, logSum));
    }
    // The beam is sorted: its first prefix is the most probable.
    return labels(beam.keySet().iterator().next());
  }

  private Map<Integer, Chance> step(
      Map<Integer, Chance> beam, float[] scores, int at, double logSum) {
    Map<Integer, Chance> next = new LinkedHashMap<>();
    beam.forEach(
        (number, chance) -> {
          int last = prefixes.get(number).label();
          Chance same = next.computeIfAbsent(number, k -> new Chance());
          same.blank = CtcLoss.logAdd(same.blank, chance.all() + scores[at] - logSum);
          if (number > 0) {
            double again = chance.label + scores[at + last] - logSum;
            same.label = CtcLoss.logAdd(same.label, again);
          }
          for (int c = 1; c < classes; c++) {
            // An equal label begins anew only behind a blank.
            double from = number > 0 && c == last ? chance.blank : chance.all();
            Chance longer = next.computeIfAbsent(extended(number, c), k -> new Chance());
            longer.label = CtcLoss.logAdd(longer.label, from + scores[at + c] - logSum);
          }
        });
    return next;
  }

  private int extended(int number, int label) {
    Prefix prefix = new Prefix(number, label);
    return numbers.computeIfAbsent(
        prefix,
        p -> {
          prefixes.add(p);
          return prefixes.size() - 1;
        });
  }

  private Map<Integer, Chance> best(Map<Integer, Chance> all) {
    Map<Integer, Chance> best = new LinkedHashMap<>();
    all.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<Integer, Chance>>comparingDouble(e -> -e.getValue().all())
                .thenComparing(Map.Entry::getKey))
        .limit(width)
        .forEach(e -> best.put(e.getKey(), e.getValue()));
    return best;
  }

  private int[] labels(int number) {
    List<Integer> labels = new ArrayList<>();
    for (int i = number; i > 0; i = prefixes.get(i).parent()) {
      labels.add(prefixes.get(i).label());
    }
    int[] inOrder = new int[labels.size()];
    Arrays.setAll(inOrder, i -> labels.get(inOrder.length - 1 - i));
    return inOrder;
  }
}
