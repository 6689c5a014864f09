// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** This class finds what a person probably meant to type. */
final class Nearest {
  private Nearest() {}

  /**
   * Returns the candidate with the fewest typing errors between it and the word: letters left out,
   * added, replaced or swapped with their neighbour (Damerau 1964). Empty when even that one has
   * little in common with the word.
   */
  static Optional<String> to(String word, Collection<String> candidates) {
    return some(word, candidates, 1).stream().findFirst();
  }

  /** Returns {@code did you mean that one?} of {@link #to}, behind some words. */
  static Optional<String> hint(String before, String word, Collection<String> candidates) {
    return to(word, candidates).map(near -> before + "did you mean " + near + "?");
  }

  /**
   * Returns the candidates that {@link #to} would name first, second and so on, at most {@code
   * count}.
   */
  static List<String> some(String word, Collection<String> candidates, int count) {
    Comparator<String> byDistance = Comparator.comparingInt(c -> distance(word, c));
    return candidates.stream()
        .filter(c -> distance(word, c) <= Math.max(1, c.replace("-", "").length() / 3))
        .sorted(byDistance.thenComparing(Comparator.naturalOrder()))
        .limit(count)
        .toList();
  }

  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(edits, a, b, i, j);
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int cheapest(int[][] edits, String a, String b, int i, int j) {
    int replace = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replace, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, 1 + edits[i - 2][j - 2]) : best;
  }
}
