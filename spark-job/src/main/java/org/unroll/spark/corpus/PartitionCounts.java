// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import java.util.Iterator;
import org.unroll.rnn.data.SliceTable;
import scala.Tuple2;

/** Adds up the blocks of one partition: each token and each document is in one partition only. */
final class PartitionCounts implements CountBlocks.Sink {
  private final SliceTable tokens = new SliceTable();
  private long[] counts = new long[1 << 9];

  /** Pairs of numbers by open addressing; two zeros are a free place. */
  private long[] documents = new long[1 << 10];

  private int distinct;

  /** Adds up all blocks. */
  static PartitionCounts of(Iterator<Tuple2<Integer, byte[]>> blocks) {
    PartitionCounts counts = new PartitionCounts();
    while (blocks.hasNext()) {
      CountBlocks.read(blocks.next()._2(), counts);
    }
    return counts;
  }

  @Override
  public void token(byte[] bytes, int from, int to, long count) {
    int token = tokens.add(bytes, from, to);
    if (token >= counts.length) {
      counts = Arrays.copyOf(counts, counts.length * 2);
    }
    counts[token] += count;
  }

  @Override
  public void document(long high, long low) {
    if (4L * distinct >= documents.length) {
      long[] before = documents;
      documents = new long[before.length * 2];
      for (int i = 0; i < before.length; i += 2) {
        if (before[i] != 0 || before[i + 1] != 0) {
          int place = place(before[i], before[i + 1]);
          documents[place] = before[i];
          documents[place + 1] = before[i + 1];
        }
      }
    }
    int place = place(high, low);
    if (documents[place] == 0 && documents[place + 1] == 0) {
      documents[place] = high;
      documents[place + 1] = low;
      distinct++;
    }
  }

  private int place(long high, long low) {
    int mask = documents.length - 2;
    int place = (int) (low >>> 8) & mask;
    while ((documents[place] != high || documents[place + 1] != low)
        && (documents[place] != 0 || documents[place + 1] != 0)) {
      place = place + 2 & mask;
    }
    return place;
  }

  SliceTable tokens() {
    return tokens;
  }

  long count(int token) {
    return counts[token];
  }

  /** Different documents that are not empty. */
  long distinctDocuments() {
    return distinct;
  }
}
