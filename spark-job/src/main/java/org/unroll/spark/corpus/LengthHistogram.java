// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A length histogram counts documents by their number of tokens, in bins that are an eighth of a
 * power of two wide: exact up to 16 tokens, and to 12.5 % above. The same bins are the buckets of
 * documents that are kept together.
 */
public final class LengthHistogram implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Bins for each doubling of the length. */
  private static final int STEPS = 8;

  private static final int LOG_STEPS = 3;

  /** The number of bins for lengths up to {@link Long#MAX_VALUE}. */
  static final int BINS = (Long.SIZE - LOG_STEPS) * STEPS;

  private final long[] counts = new long[BINS];

  /**
   * A bin holds documents of about the same length.
   *
   * @param from fewest tokens
   * @param to most tokens
   * @param documents their number
   */
  public record Bin(long from, long to, long documents) {}

  /** Returns the bin of a length. */
  public static int bin(long length) {
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
    counts[bin(length)] += documents;
  }

  /** Counts documents of a bin. */
  public void addBin(int bin, long documents) {
    counts[bin] += documents;
  }

  /** Returns the sum of this histogram and another. */
  public LengthHistogram plus(LengthHistogram other) {
    LengthHistogram sum = new LengthHistogram();
    for (int b = 0; b < BINS; b++) {
      sum.counts[b] = counts[b] + other.counts[b];
    }
    return sum;
  }

  /** Returns the bins that are not empty, in order. */
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
   * Returns the length, to the precision of the bins, up to which a part of the documents goes.
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

  /** Documents and tokens by the bins of a {@link LengthHistogram}, of which most have none. */
  static final class Sparse implements Serializable {
    private static final long serialVersionUID = 1L;

    private int[] bins = new int[0];
    private long[] documents = new long[0];
    private long[] tokens = new long[0];

    /** Counts a document. */
    void add(long length) {
      int bin = LengthHistogram.bin(length);
      int place = Arrays.binarySearch(bins, bin);
      if (place < 0) {
        place = -place - 1;
        bins = insert(bins, place, bin);
        documents = insert(documents, place);
        tokens = insert(tokens, place);
      }
      documents[place]++;
      tokens[place] += length;
    }

    private static int[] insert(int[] array, int place, int value) {
      int[] longer = Arrays.copyOf(array, array.length + 1);
      System.arraycopy(array, place, longer, place + 1, array.length - place);
      longer[place] = value;
      return longer;
    }

    private static long[] insert(long[] array, int place) {
      long[] longer = Arrays.copyOf(array, array.length + 1);
      System.arraycopy(array, place, longer, place + 1, array.length - place);
      longer[place] = 0;
      return longer;
    }

    /** Returns how many bins are not empty. */
    int size() {
      return bins.length;
    }

    /** Returns a bin that is not empty; they are in order. */
    int bin(int place) {
      return bins[place];
    }

    long documents(int place) {
      return documents[place];
    }

    long tokens(int place) {
      return tokens[place];
    }
  }
}
