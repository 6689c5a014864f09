// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The mean and the deviation of each channel of training data, by which numbers are scaled. They
 * are the same bits however the data are cut, as the sums behind them are exact.
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
    return "means %s, deviations %s of %s"
        .formatted(Arrays.toString(means), Arrays.toString(deviations), Arrays.toString(counts));
  }

  /** The exact sums of a task's numbers and of their squares, by channel. */
  @DefaultSerializer(JavaSerializer.class)
  static final class Sums implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long[] counts;
    private final ExactSum[] sums;
    private final ExactSum[] squares;

    Sums(int channels) {
      this.counts = new long[channels];
      this.sums =
          IntStream.range(0, channels).mapToObj(d -> new ExactSum()).toArray(ExactSum[]::new);
      this.squares =
          IntStream.range(0, channels).mapToObj(d -> new ExactSum()).toArray(ExactSum[]::new);
    }

    static Sums of(int channels, Iterator<SequenceRow> rows) {
      Sums all = new Sums(channels);
      while (rows.hasNext()) {
        all.add(rows.next().features());
      }
      return all;
    }

    /** Adds numbers {@code [T, D]} but for missing ones. A float's square is exact in double. */
    void add(float[] features) {
      for (int i = 0; i < features.length; i++) {
        if (!Float.isNaN(features[i])) {
          int d = i % counts.length;
          counts[d]++;
          sums[d].add(features[i]);
          squares[d].add((double) features[i] * features[i]);
        }
      }
    }

    void add(Sums other) {
      for (int d = 0; d < counts.length; d++) {
        counts[d] += other.counts[d];
        sums[d].add(other.sums[d]);
        squares[d].add(other.squares[d]);
      }
    }

    ChannelStatistics statistics() {
      double[] means = new double[counts.length];
      double[] deviations = new double[counts.length];
      for (int d = 0; d < counts.length; d++) {
        if (counts[d] > 0) {
          means[d] = mean(d);
          deviations[d] = Math.sqrt(variance(d));
        }
      }
      return new ChannelStatistics(counts.clone(), means, deviations);
    }

    private double mean(int d) {
      return divide(sums[d].scaled(), BigInteger.valueOf(counts[d]).shiftLeft(ExactSum.SCALE));
    }

    /**
     * Returns {@code (n q - s s) / (n n)} from the sum s and the sum of squares q, rounded once.
     */
    private double variance(int d) {
      BigInteger n = BigInteger.valueOf(counts[d]);
      BigInteger s = sums[d].scaled();
      BigInteger nq = squares[d].scaled().multiply(n).shiftLeft(ExactSum.SCALE);
      return divide(nq.subtract(s.multiply(s)), n.multiply(n).shiftLeft(2 * ExactSum.SCALE));
    }

    private static double divide(BigInteger a, BigInteger b) {
      return new BigDecimal(a).divide(new BigDecimal(b), MathContext.DECIMAL128).doubleValue();
    }
  }

  /**
   * A sum of doubles without rounding, so that it is the same in whatever order and from whatever
   * parts it is made. A fixed-point number as wide as the range of doubles, after Kulisch (2013),
   * <i>Computer Arithmetic and Validity</i>: digits of 32 bits in longs, which take {@link
   * #MOST_ADDED} additions before carries must be passed on.
   */
  static final class ExactSum implements Serializable {
    /** The sum is an integer times 2 to the minus {@code SCALE}. */
    static final int SCALE = 1074;

    private static final long serialVersionUID = 1L;
    private static final int DIGIT = 32;
    private static final long DIGIT_MASK = 0xFFFFFFFFL;
    private static final long MANTISSA_MASK = (1L << 52) - 1;
    private static final int MOST_ADDED = 1 << 28;

    /** The digits have 2098 bits for doubles and 64 more for their number. */
    private final long[] digits = new long[68];

    private int added;

    /** Adds a finite number. */
    void add(double value) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("only finite numbers have a sum, not " + value);
      }
      long bits = Double.doubleToRawLongBits(value);
      int exponent = (int) (bits >>> 52) & 0x7FF;
      long mantissa = (bits & MANTISSA_MASK) | (exponent == 0 ? 0 : MANTISSA_MASK + 1);
      int shift = Math.max(0, exponent - 1);
      int digit = shift / DIGIT;
      long low = (mantissa & DIGIT_MASK) << (shift % DIGIT);
      long high = (mantissa >>> DIGIT) << (shift % DIGIT);
      long sign = bits < 0 ? -1 : 1;
      digits[digit] += sign * (low & DIGIT_MASK);
      digits[digit + 1] += sign * ((low >>> DIGIT) + (high & DIGIT_MASK));
      digits[digit + 2] += sign * (high >>> DIGIT);
      if (++added == MOST_ADDED) {
        carry();
      }
    }

    /** Adds all that was added to another sum. */
    void add(ExactSum other) {
      carry();
      other.carry();
      for (int i = 0; i < digits.length; i++) {
        digits[i] += other.digits[i];
      }
      added++;
    }

    private void carry() {
      for (int i = 0; i + 1 < digits.length; i++) {
        digits[i + 1] += digits[i] >> DIGIT;
        digits[i] &= DIGIT_MASK;
      }
      added = 0;
    }

    /** Returns the sum times 2 to the {@link #SCALE}. */
    BigInteger scaled() {
      BigInteger sum = BigInteger.ZERO;
      for (int i = digits.length - 1; i >= 0; i--) {
        sum = sum.shiftLeft(DIGIT).add(BigInteger.valueOf(digits[i]));
      }
      return sum;
    }
  }
}
