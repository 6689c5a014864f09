// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.TwinParams;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;

/** Losses of one sequence in double, by adding up all that could have been said. */
public final class TwinHead {
  private TwinHead() {}

  /**
   * Returns the loss of a sequence's scores {@code [1][C]} or {@code [T][C]}; 0 for one without
   * targets.
   *
   * @param training whether the targets of a vocabulary are smoothed
   */
  public static double loss(
      HeadSpec spec, double[][] scores, Example example, TwinParams params, boolean training) {
    if (spec instanceof HeadSpec.Vocabulary words) {
      double smoothing = training ? words.smoothing() : 0;
      return crossEntropy(smoothing, null, scores, example.labels());
    }
    if (spec instanceof HeadSpec.Softmax softmax) {
      return crossEntropy(softmax.smoothing(), softmax.weights(), scores, example.labels());
    }
    if (spec instanceof HeadSpec.Regression regression) {
      return squares(regression, scores, example.values());
    }
    if (spec instanceof HeadSpec.LinearCrf) {
      boolean known = scores.length > 0 && Arrays.stream(example.labels()).allMatch(y -> y >= 0);
      return known ? Math.log(total(scores, params)) - score(scores, example.labels(), params) : 0;
    }
    double chance = alignmentChance(scores, example.labels());
    return chance == 0 ? 0 : -Math.log(chance);
  }

  private static double crossEntropy(
      double smoothing, List<Double> weights, double[][] scores, int[] labels) {
    double loss = 0;
    for (int t = 0; t < scores.length; t++) {
      double[] p = softmax(scores[t]);
      for (int c = 0; labels[t] != Batch.MASKED && c < p.length; c++) {
        double target = (c == labels[t] ? 1 - smoothing : 0) + smoothing / p.length;
        loss -= target * (weights == null ? 1 : weights.get(c)) * Math.log(p[c]);
      }
    }
    return loss;
  }

  private static double squares(HeadSpec.Regression spec, double[][] scores, float[] values) {
    double loss = 0;
    for (int t = 0; t < (spec.target() == Target.STEP ? scores.length : 1); t++) {
      for (int j = 0; j < spec.values(); j++) {
        float value = values[t * spec.values() + j];
        loss += Float.isNaN(value) ? 0 : (scores[t][j] - value) * (scores[t][j] - value);
      }
    }
    return loss;
  }

  /**
   * Returns the logarithms of the probabilities of tokens of which the rare ones are in clusters.
   */
  static double[] adaptive(HeadSpec.Vocabulary spec, double[] y, TwinParams params) {
    double[] head = params.product("decoder.head.weight", y);
    if (spec.bias()) {
      params.add("decoder.head.bias", head);
    }
    double[] p = softmax(head);
    double[] log = new double[spec.tokens()];
    int frequent = spec.cutoffs().get(0);
    Arrays.setAll(log, v -> v < frequent ? Math.log(p[v]) : 0);
    for (int c = 0; c < spec.cutoffs().size(); c++) {
      String tail = "decoder.tail." + c;
      double[] narrow = params.product(tail + ".0.weight", y);
      double[] own = softmax(params.product(tail + ".1.weight", narrow));
      for (int v = 0; v < own.length; v++) {
        log[spec.cutoffs().get(c) + v] = Math.log(p[frequent + c] * own[v]);
      }
    }
    return log;
  }

  static double[] softmax(double[] scores) {
    double sum = Arrays.stream(scores).map(Math::exp).sum();
    return Arrays.stream(scores).map(x -> Math.exp(x) / sum).toArray();
  }

  /** Returns the score of a path of labels. */
  static double score(double[][] scores, int[] path, TwinParams params) {
    int labels = scores[0].length;
    double score = params.get("crf.start_transitions", path[0]);
    for (int t = 0; t < path.length; t++) {
      score += scores[t][path[t]];
      if (t > 0) {
        score += params.get("crf.transitions", path[t - 1] * labels + path[t]);
      }
    }
    return score + params.get("crf.end_transitions", path[path.length - 1]);
  }

  private static double total(double[][] scores, TwinParams params) {
    return paths(scores.length, scores[0].length).stream()
        .mapToDouble(path -> Math.exp(score(scores, path, params)))
        .sum();
  }

  /** Returns all ways to say one of some labels at each of some steps. */
  static List<int[]> paths(int steps, int labels) {
    List<int[]> paths = new ArrayList<>();
    for (int i = 0; i < Math.pow(labels, steps); i++) {
      int[] path = new int[steps];
      for (int t = 0, rest = i; t < steps; t++, rest /= labels) {
        path[t] = rest % labels;
      }
      paths.add(path);
    }
    return paths;
  }

  /** Returns the chance of all ways of saying some labels, with blanks and repetitions. */
  static double alignmentChance(double[][] scores, int[] labels) {
    if (scores.length == 0) {
      return 0;
    }
    double[][] p = Arrays.stream(scores).map(TwinHead::softmax).toArray(double[][]::new);
    double chance = 0;
    for (int[] path : paths(scores.length, scores[0].length)) {
      if (Arrays.equals(joined(path), labels)) {
        double product = 1;
        for (int t = 0; t < path.length; t++) {
          product *= p[t][path[t]];
        }
        chance += product;
      }
    }
    return chance;
  }

  /** Returns a path with repetitions joined and blanks left out. */
  static int[] joined(int[] path) {
    List<Integer> labels = new ArrayList<>();
    for (int t = 0; t < path.length; t++) {
      if (path[t] != 0 && (t == 0 || path[t] != path[t - 1])) {
        labels.add(path[t]);
      }
    }
    return labels.stream().mapToInt(Integer::intValue).toArray();
  }
}
