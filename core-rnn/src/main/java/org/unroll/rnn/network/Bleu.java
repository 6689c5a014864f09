// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * BLEU is what translations and captions are measured by: how many of the words of a text, and of
 * their successions up to four, stand in references that people wrote (Papineni et al. 2002). The
 * sums of parts of the data, added up, are those of all of it.
 *
 * <pre>
 *   p_n = matches of n words / successions of n words     b = min(1, exp(1 - references / words))
 *   BLEU-N = 100 b exp(1/N sum over n of log p_n)
 * </pre>
 *
 * <p>A succession of words matches as often as it stands in the reference that has it most often.
 * Of several references the one that is closest in length counts as long, of equally close ones the
 * shorter. The k-th order without a match has {@code 1 / (2^k successions)} for its p. All this,
 * and what a word is, is as in sacreBLEU with its tokeniser 13a, which keeps the case (Post 2018).
 */
public final class Bleu {
  /** The longest succession of words that is counted. */
  public static final int ORDER = 4;

  /** How many sums there are: matches and successions by order, words, words of references. */
  public static final int SIZE = 2 * ORDER + 2;

  /** What separates words: as in Python, which sacreBLEU is written in. */
  static final Pattern SPACE =
      Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern SPACE_AT_END =
      Pattern.compile(SPACE.pattern() + "\\z", Pattern.UNICODE_CHARACTER_CLASS);

  /** ASCII punctuation but for the apostrophe, the comma, the hyphen and the full stop. */
  private static final Pattern PUNCTUATION = Pattern.compile("([{-~\\[-` -&(-+:-@/])");

  private static final Pattern POINT_BEHIND_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
  private static final Pattern POINT_BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
  private static final Pattern HYPHEN_BEHIND_DIGIT = Pattern.compile("([0-9])(-)");

  private Bleu() {}

  /**
   * Adds a text to the sums.
   *
   * @param references one or more that it is compared with
   * @param at where the {@link #SIZE} sums begin
   */
  public static void add(String hypothesis, List<String> references, double[] sums, int at) {
    if (references.isEmpty()) {
      throw new IllegalArgumentException("BLEU needs at least one reference");
    }
    List<String> words = words(hypothesis);
    List<List<String>> others = references.stream().map(Bleu::words).toList();
    for (int n = 1; n <= ORDER; n++) {
      Map<String, Integer> most = new HashMap<>();
      for (List<String> other : others) {
        counts(other, n).forEach((key, count) -> most.merge(key, count, Math::max));
      }
      for (Map.Entry<String, Integer> own : counts(words, n).entrySet()) {
        sums[at + n - 1] += Math.min(own.getValue(), most.getOrDefault(own.getKey(), 0));
        sums[at + ORDER + n - 1] += own.getValue();
      }
    }
    sums[at + 2 * ORDER] += words.size();
    sums[at + 2 * ORDER + 1] += closest(words.size(), others);
  }

  /** Returns how often each succession of n words is there. */
  private static Map<String, Integer> counts(List<String> words, int n) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i + n <= words.size(); i++) {
      counts.merge(String.join(" ", words.subList(i, i + n)), 1, Integer::sum);
    }
    return counts;
  }

  /** Returns the length of references that is closest to one, of two the shorter. */
  private static int closest(int length, List<List<String>> references) {
    Comparator<Integer> byDistance = Comparator.comparingInt(other -> Math.abs(other - length));
    return references.stream()
        .map(List::size)
        .min(byDistance.thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /** Returns BLEU-4 in percent. */
  public static double score(double[] sums, int at) {
    return score(sums, at, ORDER);
  }

  /** Returns BLEU with successions of up to so many words, in percent; 0 where no word matches. */
  public static double score(double[] sums, int at, int order) {
    double logs = 0;
    double unmatched = 1;
    for (int n = 0; n < order; n++) {
      double matches = sums[at + n];
      double all = sums[at + ORDER + n];
      if (sums[at] == 0 || all == 0) {
        return 0;
      }
      if (matches == 0) {
        unmatched *= 2;
      }
      logs += StrictMath.log((matches == 0 ? 1 / unmatched : matches) / all);
    }
    double missing = sums[at + 2 * ORDER + 1] / sums[at + 2 * ORDER] - 1;
    return 100 * StrictMath.exp(logs / order - Math.max(0, missing));
  }

  /** Returns the words of a text, as the tokeniser 13a cuts it. */
  static List<String> words(String text) {
    String line = SPACE_AT_END.matcher(text).replaceAll("");
    line = line.replace("<skipped>", "").replace("-\n", "").replace("\n", " ");
    line = line.replace("&quot;", "\"").replace("&amp;", "&");
    line = " " + line.replace("&lt;", "<").replace("&gt;", ">") + " ";
    line = PUNCTUATION.matcher(line).replaceAll(" $1 ");
    line = POINT_BEHIND_NO_DIGIT.matcher(line).replaceAll("$1 $2 ");
    line = POINT_BEFORE_NO_DIGIT.matcher(line).replaceAll(" $1 $2");
    line = HYPHEN_BEHIND_DIGIT.matcher(line).replaceAll("$1 $2 ");
    return SPACE.splitAsStream(line).filter(word -> !word.isEmpty()).toList();
  }
}
