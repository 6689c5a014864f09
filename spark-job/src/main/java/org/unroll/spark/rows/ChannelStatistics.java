// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;

/**
 * What training data tell about the scale of each channel. It is the same bits however the data are
 * cut, as the sums behind it are exact.
 *
 * @param counts numbers that are there, by channel
 * @param means of those; 0 where there are none
 * @param deviations their standard deviation around the mean, divided by n; 0 for a constant
 */
public record ChannelStatistics(long[] counts, double[] means, double[] deviations)
    implements Serializable {
  /**
   * Scales to mean 0 and deviation 1, in place; a constant channel is only shifted. Missing numbers
   * stay missing.
   *
   * @param features {@code [T, D]}
   * @throws IllegalArgumentException if D is not that of the statistics
   */
  public void scale(float[] features) {
    int channels = means.length;
    if (features.length % channels != 0) {
      throw new IllegalArgumentException(
          features.length + " numbers are no whole steps of " + channels + " channels");
    }
    for (int i = 0; i < features.length; i++) {
      int d = i % channels;
      double deviation = deviations[d] == 0 ? 1 : deviations[d];
      features[i] = (float) ((features[i] - means[d]) / deviation);
    }
  }

  /**
   * Undoes {@link #scale}, in place.
   *
   * @param features {@code [T, D]}
   */
  public void unscale(float[] features) {
    int channels = means.length;
    for (int i = 0; i < features.length; i++) {
      int d = i % channels;
      double deviation = deviations[d] == 0 ? 1 : deviations[d];
      features[i] = (float) (features[i] * deviation + means[d]);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelStatistics that
        && Arrays.equals(counts, that.counts)
        && Arrays.equals(means, that.means)
        && Arrays.equals(deviations, that.deviations);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        Arrays.hashCode(counts), Arrays.hashCode(means), Arrays.hashCode(deviations));
  }

  @Override
  public String toString() {
    return "means "
        + Arrays.toString(means)
        + ", deviations "
        + Arrays.toString(deviations)
        + " of "
        + Arrays.toString(counts);
  }
}
