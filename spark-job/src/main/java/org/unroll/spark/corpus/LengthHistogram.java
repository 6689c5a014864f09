// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many documents have how many tokens, in bins that are an eighth of a power of two wide: exact
 * up to 16 tokens, and to 12.5 % above. The same bins are the buckets of documents that are kept
 * together.
 */
public final class LengthHistogram implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Bins for each doubling of the length. */
  private static final int STEPS = 8;

  private static final int LOG_STEPS = 3;

  /** Lengths up to {@link Long#MAX_VALUE}. */
  static final int BINS = (Long.SIZE - LOG_STEPS) * STEPS;

  private final long[] counts = new long[BINS];

  /**
   * Documents of about the same length.
   *
   * @param from fewest tokens
   * @param to most tokens
   * @param documents their number
   */
  public record Bin(long from, long to, long documents) {}

  /** The bin of a length. */
  public static int bin(long length) {
    if (length < STEPS) {
      return (int) length;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(length) - LOG_STEPS;
    return (shift << LOG_STEPS) + (int) (length >>> shift);
  }

  /** The smallest length of a bin. */
  static long from(int bin) {
    if (bin < 2 * STEPS) {
      return bin;
    }
    int shift = (bin >>> LOG_STEPS) - 1;
    return (long) (bin - (shift << LOG_STEPS)) << shift;
  }

  /** Counts documents of a length. */
  public void add(long length, long documents) {
    counts[bin(length)] += documents;
  }

  /** Counts documents of a bin. */
  public void addBin(int bin, long documents) {
    counts[bin] += documents;
  }

  /** The sum of this and another. */
  public LengthHistogram plus(LengthHistogram other) {
    LengthHistogram sum = new LengthHistogram();
    for (int b = 0; b < BINS; b++) {
      sum.counts[b] = counts[b] + other.counts[b];
    }
    return sum;
  }

  /** The bins that are not empty, in order. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      if (counts[b] > 0) {
        long to = b + 1 == BINS ? Long.MAX_VALUE : from(b + 1) - 1;
        bins.add(new Bin(from(b), to, counts[b]));
      }
    }
    return bins;
  }

  /**
   * The length, to the precision of the bins, up to which a part of the documents goes.
   *
   * @param part in (0, 1]
   */
  public long quantile(double part) {
    List<Bin> bins = bins();
    long all = bins.stream().mapToLong(Bin::documents).sum();
    long seen = 0;
    for (Bin bin : bins) {
      seen += bin.documents();
      if (seen >= part * all) {
        return bin.to();
      }
    }
    return 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LengthHistogram that && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }
}
