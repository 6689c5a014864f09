// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

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

/**
 * This metric compares the text that a decoder writes by itself with those that are right. The sums
 * of its kinds stand one behind the other.
 *
 * @param target makes texts of what was written
 * @param kinds what is added up
 */
record AnswerMetric(TextCodec target, List<Kind> kinds) implements Metric {

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
    return kinds.stream().mapToInt(kind -> kind.size).sum();
  }

  @Override
  public double[] add(Example example, Prediction prediction, double[] sums) {
    String text = target.text(prediction.written().get(0).tokens());
    int at = 0;
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
    Map<String, Double> figures = new LinkedHashMap<>();
    int at = 0;
    for (Kind kind : kinds) {
      kind.tell(sums, at, figures);
      at += kind.size;
    }
    return figures;
  }
}
