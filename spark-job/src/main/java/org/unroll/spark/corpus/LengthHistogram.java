// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;

/**
 * A length histogram counts documents by their number of tokens, in bins that are an eighth of a
 * power of two wide: exact up to 16 tokens, and to 12.5 % above.
 */
public final class LengthHistogram implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Bins for each doubling of the length. */
  private static final int STEPS = 8;

  private static final int LOG_STEPS = 3;

  /** The number of bins for lengths up to {@link Long#MAX_VALUE}. */
  static final int BINS = (Long.SIZE - LOG_STEPS) * STEPS;

  /** Documents by bin, for bins that have any: there is a histogram for each part of a text. */
  private final TreeMap<Integer, Long> counts = new TreeMap<>();

  /**
   * A bin holds documents of about the same length.
   *
   * @param from fewest tokens
   * @param to most tokens
   * @param documents their number
   */
  public record Bin(long from, long to, long documents) {}

  /** Returns the bin of a length. */
  static int bin(long length) {
    if (length < STEPS) {
      return (int) length;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(length) - LOG_STEPS;
    return (shift << LOG_STEPS) + (int) (length >>> shift);
  }

  /** Returns the smallest length of a bin. */
  static long from(int bin) {
    if (bin < 2 * STEPS) {
      return bin;
    }
    int shift = (bin >>> LOG_STEPS) - 1;
    return (long) (bin - (shift << LOG_STEPS)) << shift;
  }

  /** Counts documents of a length. */
  public void add(long length, long documents) {
    counts.merge(bin(length), documents, Long::sum);
  }

  /** Adds what another histogram has counted. */
  public void add(LengthHistogram other) {
    other.counts.forEach((bin, documents) -> counts.merge(bin, documents, Long::sum));
  }

  /** Returns the bins that are not empty, in order. */
  public List<Bin> bins() {
    return counts.entrySet().stream()
        .map(
            bin -> {
              boolean last = bin.getKey() + 1 == BINS;
              long to = last ? Long.MAX_VALUE : from(bin.getKey() + 1) - 1;
              return new Bin(from(bin.getKey()), to, bin.getValue());
            })
        .toList();
  }

  /**
   * Returns the length, to the precision of the bins, up to which a part of the documents goes.
   *
   * @param part in (0, 1]
   */
  public long quantile(double part) {
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    long seen = 0;
    for (Bin bin : bins()) {
      seen += bin.documents();
      if (seen >= part * all) {
        return bin.to();
      }
    }
    return 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LengthHistogram that && counts.equals(that.counts);
  }

  @Override
  public int hashCode() {
    return counts.hashCode();
  }
}
