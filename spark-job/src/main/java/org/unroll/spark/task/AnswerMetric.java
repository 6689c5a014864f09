// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Bleu;
import org.unroll.rnn.network.ChrF;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.report.ByLength;

/**
 * This metric compares the text that a decoder writes by itself with those that are right. Rows of
 * about one length have sums of their own: how many they are, and behind that those of the kinds,
 * one behind the other. All are whole numbers, so that those of all rows are exactly their sums.
 *
 * @param target makes texts of what was written
 * @param kinds what is added up
 * @param byLength whether rows are told apart by their length; otherwise all have the same sums
 */
record AnswerMetric(TextCodec target, List<Kind> kinds, boolean byLength) implements Metric {
  /**
   * The most steps that are read of the rows of each bin; those of the last are longer. Most
   * sentences are in the first five, programs in the others.
   */
  private static final int[] MOST_STEPS = {5, 10, 15, 20, 30, 50, 100};

  /** The ways to compare texts. */
  enum Kind {
    /** The texts are equal, those of how many rows out of all. */
    EXACT(2),
    /** Words in common, and their successions up to four, as one number. */
    BLEU(Bleu.SIZE),
    /** The same for successions up to one word, two, three and four. */
    BLEU_BY_ORDER(Bleu.SIZE),
    /** Characters in common, and their successions. */
    CHRF(ChrF.SIZE);

    private final int size;

    Kind(int size) {
      this.size = size;
    }

    private void add(String text, List<String> right, double[] sums, int at) {
      switch (this) {
        case EXACT -> {
          sums[at]++;
          sums[at + 1] += right.contains(text) ? 1 : 0;
        }
        case BLEU, BLEU_BY_ORDER -> Bleu.add(text, right, sums, at);
        case CHRF -> ChrF.add(text, right, sums, at);
      }
    }

    private void tell(double[] sums, int at, Map<String, Double> figures) {
      switch (this) {
        case EXACT -> figures.put("exact", sums[at + 1] / sums[at]);
        case BLEU -> figures.put("bleu", Bleu.score(sums, at));
        case BLEU_BY_ORDER -> {
          for (int order = 1; order <= Bleu.ORDER; order++) {
            figures.put("bleu_" + order, Bleu.score(sums, at, order));
          }
        }
        case CHRF -> figures.put("chrf", ChrF.score(sums, at));
      }
    }
  }

  AnswerMetric {
    kinds = List.copyOf(kinds);
  }

  @Override
  public int size() {
    return block() * (byLength ? MOST_STEPS.length + 1 : 1);
  }

  /** Returns the number of sums of each bin. */
  private int block() {
    return 1 + kinds.stream().mapToInt(kind -> kind.size).sum();
  }

  /** Returns the bin of an example. */
  private int bin(Example example) {
    int bin = 0;
    while (byLength && bin < MOST_STEPS.length && example.steps() > MOST_STEPS[bin]) {
      bin++;
    }
    return bin;
  }

  @Override
  public double[] add(Example example, Prediction prediction, double[] sums) {
    String text = target.text(prediction.written().get(0).tokens());
    int at = bin(example) * block();
    sums[at++]++;
    for (Kind kind : kinds) {
      kind.add(text, example.texts(), sums, at);
      at += kind.size;
    }
    return sums;
  }

  /** Returns nothing: no training watches what it does not write. */
  @Override
  public Loss error(double[] sums) {
    return Loss.ZERO;
  }

  @Override
  public Map<String, Double> figures(double[] sums) {
    int block = block();
    double[] all = new double[block];
    for (int i = 0; i < sums.length; i++) {
      all[i % block] += sums[i];
    }
    return figures(all, 0);
  }

  /** Returns the same figures of the rows of each length that occurs; none of all in one. */
  ByLength lengths(double[] sums) {
    List<ByLength.Bin> bins = new ArrayList<>();
    for (int bin = 0; byLength && bin <= MOST_STEPS.length; bin++) {
      int at = bin * block();
      if (sums[at] > 0) {
        bins.add(
            new ByLength.Bin(
                bin == 0 ? 1 : MOST_STEPS[bin - 1] + 1,
                bin == MOST_STEPS.length ? null : MOST_STEPS[bin],
                (long) sums[at],
                figures(sums, at)));
      }
    }
    return new ByLength("", bins);
  }

  /** Returns what the sums of a bin say. */
  private Map<String, Double> figures(double[] sums, int from) {
    Map<String, Double> figures = new LinkedHashMap<>();
    int at = from + 1;
    for (Kind kind : kinds) {
      kind.tell(sums, at, figures);
      at += kind.size;
    }
    return figures;
  }
}
