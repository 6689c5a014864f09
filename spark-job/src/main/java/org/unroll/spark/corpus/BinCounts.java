// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.Arrays;

/** Documents and tokens by the bins of {@link LengthHistogram}, of which most have none. */
final class BinCounts implements Serializable {
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

  /** How many bins are not empty. */
  int size() {
    return bins.length;
  }

  /** The bins that are not empty, in order. */
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
