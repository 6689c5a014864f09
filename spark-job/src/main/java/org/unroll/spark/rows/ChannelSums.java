// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Iterator;
import java.util.stream.IntStream;

/** Exact sums of a task's numbers and of their squares, by channel. */
@DefaultSerializer(JavaSerializer.class)
final class ChannelSums implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] counts;
  private final ExactSum[] sums;
  private final ExactSum[] squares;

  ChannelSums(int channels) {
    this.counts = new long[channels];
    this.sums = IntStream.range(0, channels).mapToObj(d -> new ExactSum()).toArray(ExactSum[]::new);
    this.squares =
        IntStream.range(0, channels).mapToObj(d -> new ExactSum()).toArray(ExactSum[]::new);
  }

  static ChannelSums of(int channels, Iterator<SequenceRow> rows) {
    ChannelSums all = new ChannelSums(channels);
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

  void add(ChannelSums other) {
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

  /** {@code (n q - s s) / (n n)} from the sum s and the sum of squares q, rounded once. */
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
