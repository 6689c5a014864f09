// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;

/**
 * This metric compares how sure a model is with how often it is right: answers, of sequences or of
 * steps, are put into bins by the probability that the model gives them. The sums are, of every
 * bin, how many there are, their probabilities, and how many are right. Labels that are masked do
 * not count.
 *
 * @param bins of equal width from 0 to 1
 */
public record CalibrationMetric(int bins) implements Metric {
  /** The name of the expected calibration error among figures. */
  public static final String ERROR = "calibration_error";

  private static final int USUAL = 15;

  /** Makes the metric with 15 bins, as in Guo et al. 2017. */
  public CalibrationMetric() {
    this(USUAL);
  }

  /**
   * A bin that has answers.
   *
   * @param from its least probability
   * @param to its largest
   * @param count of its answers
   * @param confidence mean probability that the model gave them
   * @param accuracy the share that is right
   */
  public record Bin(double from, double to, long count, double confidence, double accuracy) {}

  @Override
  public int size() {
    return 3 * bins;
  }

  @Override
  public double[] add(Example example, Prediction said, double[] sums) {
    int[] labels = example.labels();
    int items = said.labels().length;
    if (labels == null || items == 0) {
      return sums;
    }
    int classes = said.probabilities().length / items;
    for (int i = 0; i < items && classes > 0; i++) {
      if (labels[i] != Batch.MASKED) {
        double confidence = said.probabilities()[i * classes + said.labels()[i]];
        int at = 3 * Math.min(bins - 1, (int) (bins * confidence));
        sums[at]++;
        sums[at + 1] += confidence;
        sums[at + 2] += labels[i] == said.labels()[i] ? 1 : 0;
      }
    }
    return sums;
  }

  /** Returns the bins that have answers, the least sure first. */
  public List<Bin> bins(double[] sums) {
    return IntStream.range(0, bins)
        .filter(bin -> sums[3 * bin] > 0)
        .mapToObj(
            bin ->
                new Bin(
                    (double) bin / bins,
                    (bin + 1.0) / bins,
                    (long) sums[3 * bin],
                    sums[3 * bin + 1] / sums[3 * bin],
                    sums[3 * bin + 2] / sums[3 * bin]))
        .toList();
  }

  /** Returns the answers that are wrong. */
  @Override
  public Loss error(double[] sums) {
    double all = 0;
    double right = 0;
    for (int bin = 0; bin < bins; bin++) {
      all += sums[3 * bin];
      right += sums[3 * bin + 2];
    }
    return new Loss(all - right, all);
  }

  /**
   * Returns {@code calibration_error}: the mean over all answers of how far the share that is right
   * is from the mean probability in the answer's bin (expected calibration error, Naeini et al.
   * 2015).
   */
  @Override
  public Map<String, Double> figures(double[] sums) {
    double gaps = 0;
    for (int bin = 0; bin < bins; bin++) {
      gaps += Math.abs(sums[3 * bin + 2] - sums[3 * bin + 1]);
    }
    return Map.of(ERROR, gaps / error(sums).weight());
  }
}
