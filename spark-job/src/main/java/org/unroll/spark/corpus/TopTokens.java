// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Vocabulary;

/**
 * Top tokens are the most frequent ones, in order, of equally frequent ones those first whose bytes
 * come first, which is the order of their code points; with sums over all others.
 *
 * @param bytes of the tokens, one behind the other
 * @param ends of each in {@code bytes}
 * @param counts of each
 * @param types different tokens, with those that are not here
 * @param distinctDocuments documents that differ and are not empty
 */
@DefaultSerializer(JavaSerializer.class)
record TopTokens(byte[] bytes, int[] ends, long[] counts, long types, long distinctDocuments)
    implements Serializable {

  /** Returns the best of a partition, special ones in any case. */
  static TopTokens of(CountBlocks.Sum partition, int most, long minCount) {
    CountBlocks.Table counted = partition.tokens();
    SliceTable tokens = counted.slices();
    Integer[] kept = new Integer[tokens.size()];
    int count = 0;
    for (int t = 0; t < tokens.size(); t++) {
      if (counted.count(t) >= minCount || isSpecial(tokens, t)) {
        kept[count++] = t;
      }
    }
    Arrays.sort(
        kept,
        0,
        count,
        (a, b) -> {
          int byCount = Long.compare(counted.count(b), counted.count(a));
          return byCount != 0 ? byCount : compare(tokens, a, b);
        });
    Builder best = new Builder();
    for (int i = 0; i < count; i++) {
      if (i < most || isSpecial(tokens, kept[i])) {
        int start = tokens.start(kept[i]);
        best.add(tokens.array(), start, tokens.start(kept[i] + 1), counted.count(kept[i]));
      }
    }
    return best.build(tokens.size(), partition.distinctDocuments());
  }

  private static int compare(SliceTable tokens, int a, int b) {
    byte[] array = tokens.array();
    return Arrays.compareUnsigned(
        array, tokens.start(a), tokens.start(a + 1), array, tokens.start(b), tokens.start(b + 1));
  }

  private static final byte[][] SPECIALS = {
    Vocabulary.UNK.getBytes(StandardCharsets.UTF_8), Vocabulary.EOS.getBytes(StandardCharsets.UTF_8)
  };

  private static boolean isSpecial(SliceTable tokens, int token) {
    return isSpecial(tokens.array(), tokens.start(token), tokens.start(token + 1));
  }

  private static boolean isSpecial(byte[] array, int from, int to) {
    return Arrays.equals(array, from, to, SPECIALS[0], 0, SPECIALS[0].length)
        || Arrays.equals(array, from, to, SPECIALS[1], 0, SPECIALS[1].length);
  }

  /** Returns the best of two that have no token in common. */
  TopTokens merge(TopTokens other, int most) {
    Builder best = new Builder();
    int a = 0;
    int b = 0;
    while (a < counts.length || b < other.counts.length) {
      boolean mine = b == other.counts.length || a < counts.length && isBefore(a, other, b);
      TopTokens from = mine ? this : other;
      int i = mine ? a++ : b++;
      if (best.size < most || isSpecial(from.bytes, from.start(i), from.ends[i])) {
        best.add(from.bytes, from.start(i), from.ends[i], from.counts[i]);
      }
    }
    return best.build(types + other.types, distinctDocuments + other.distinctDocuments);
  }

  private boolean isBefore(int mine, TopTokens other, int theirs) {
    if (counts[mine] != other.counts[theirs]) {
      return counts[mine] > other.counts[theirs];
    }
    return Arrays.compareUnsigned(
            bytes, start(mine), ends[mine], other.bytes, other.start(theirs), other.ends[theirs])
        < 0;
  }

  private int start(int token) {
    return token == 0 ? 0 : ends[token - 1];
  }

  /** Returns them as texts with their counts. */
  Map<String, Long> toMap() {
    Map<String, Long> map = new HashMap<>();
    for (int t = 0; t < counts.length; t++) {
      map.put(new String(bytes, start(t), ends[t] - start(t), StandardCharsets.UTF_8), counts[t]);
    }
    return map;
  }

  /** Returns them as numbered slices, the most frequent first. */
  SliceTable toTable() {
    SliceTable table = new SliceTable();
    for (int t = 0; t < counts.length; t++) {
      table.add(bytes, start(t), ends[t]);
    }
    return table;
  }

  private static final class Builder {
    private byte[] bytes = new byte[1 << 10];
    private int[] ends = new int[1 << 7];
    private long[] counts = new long[1 << 7];
    private int size;

    void add(byte[] from, int start, int end, long count) {
      int at = size == 0 ? 0 : ends[size - 1];
      int length = end - start;
      if (at + length > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(at + length, bytes.length * 2));
      }
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, size * 2);
        counts = Arrays.copyOf(counts, size * 2);
      }
      System.arraycopy(from, start, bytes, at, length);
      ends[size] = at + length;
      counts[size++] = count;
    }

    TopTokens build(long types, long distinctDocuments) {
      return new TopTokens(
          Arrays.copyOf(bytes, size == 0 ? 0 : ends[size - 1]),
          Arrays.copyOf(ends, size),
          Arrays.copyOf(counts, size),
          types,
          distinctDocuments);
    }
  }
}
