// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ChrF2 measures translations by their characters: how many successions of up to six of them, white
 * space left out, a text has in common with a reference that a person wrote (Popovic 2015, 2016).
 * It counts recall twice as much as precision. The sums of parts of the data, added up, are those
 * of all of it.
 *
 * <pre>
 *   P = mean over n of matches of n / successions of n in the text
 *   R = mean over n of matches of n / successions of n in the reference
 *   chrF2 = 100 * 5 P R / (4 P + R)
 * </pre>
 *
 * <p>Lengths that the text or the reference does not have are left out of the means. Of several
 * references the one that the text is most like counts. All this is as in sacreBLEU (Post 2018),
 * for which characters are code points.
 */
public final class ChrF {
  private static final int ORDER = 6;

  /** Beta squared: how much more recall counts. */
  private static final double RECALL = 4;

  /** How many sums there are: by order those of the text, those of the reference, the matches. */
  public static final int SIZE = 3 * ORDER;

  private ChrF() {}

  /**
   * Adds a text to the sums.
   *
   * @param references one or more that it is compared with
   * @param at where the {@link #SIZE} sums begin
   */
  public static void add(String hypothesis, List<String> references, double[] sums, int at) {
    if (references.isEmpty()) {
      throw new IllegalArgumentException("chrF needs at least one reference");
    }
    int[] characters = characters(hypothesis);
    double[] best = null;
    for (String reference : references) {
      double[] own = compared(characters, characters(reference));
      if (best == null || score(own, 0) > score(best, 0)) {
        best = own;
      }
    }
    for (int i = 0; i < SIZE; i++) {
      sums[at + i] += best[i];
    }
  }

  private static int[] characters(String text) {
    return Bleu.SPACE.matcher(text).replaceAll("").codePoints().toArray();
  }

  /** Returns the sums of a text and a reference. */
  private static double[] compared(int[] text, int[] reference) {
    double[] sums = new double[SIZE];
    // Where the reference has no succession, those of the text do not count.
    for (int n = 1; n <= Math.min(ORDER, reference.length); n++) {
      Map<String, Integer> there = counts(reference, n);
      int at = 3 * (n - 1);
      sums[at] = Math.max(0, text.length - n + 1);
      sums[at + 1] = reference.length - n + 1;
      for (Map.Entry<String, Integer> own : counts(text, n).entrySet()) {
        sums[at + 2] += Math.min(own.getValue(), there.getOrDefault(own.getKey(), 0));
      }
    }
    return sums;
  }

  /** Returns how often each succession of n characters is there. */
  private static Map<String, Integer> counts(int[] characters, int n) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i + n <= characters.length; i++) {
      counts.merge(new String(characters, i, n), 1, Integer::sum);
    }
    return counts;
  }

  /** Returns chrF2 in percent; 0 where nothing matches. */
  public static double score(double[] sums, int at) {
    double precision = 0;
    double recall = 0;
    int orders = 0;
    for (int i = at; i < at + SIZE; i += 3) {
      if (sums[i] > 0 && sums[i + 1] > 0) {
        precision += sums[i + 2] / sums[i];
        recall += sums[i + 2] / sums[i + 1];
        orders++;
      }
    }
    if (precision + recall == 0) {
      return 0;
    }
    precision /= orders;
    recall /= orders;
    return 100 * ((1 + RECALL) * precision * recall / (RECALL * precision + recall));
  }
}
