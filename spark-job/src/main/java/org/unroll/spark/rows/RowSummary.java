// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.unroll.spark.rows.RowSource.Parsed;

/**
 * The sums over a run of records. Those of several runs add up to the same, however the input is
 * cut into runs.
 *
 * @param groups the rows by their number of channels
 * @param read all records, whatever became of them
 * @param bad records that cannot be used
 * @param firstBad the first of them, or null
 */
@DefaultSerializer(JavaSerializer.class)
record RowSummary(Map<Integer, Group> groups, long read, long bad, BadRow firstBad)
    implements Serializable {

  /**
   * The sums over rows that have the same number of channels.
   *
   * @param rows their number
   * @param steps of all rows
   * @param longest the steps of the longest row
   * @param hash the sum of {@link RowHash#placed}
   * @param first the place of the first row
   */
  record Group(long rows, long steps, int longest, long hash, RowKey first)
      implements Serializable {

    static Group of(SequenceRow row) {
      return new Group(1, row.steps(), row.steps(), RowHash.placed(row), row.key());
    }

    Group plus(Group other) {
      return new Group(
          rows + other.rows,
          steps + other.steps,
          Math.max(longest, other.longest),
          hash + other.hash,
          first.compareTo(other.first) <= 0 ? first : other.first);
    }
  }

  /**
   * Sums up records.
   *
   * @param taken which rows count
   */
  static RowSummary of(Iterator<Parsed> records, Predicate<SequenceRow> taken) {
    Map<Integer, Group> groups = new TreeMap<>();
    long read = 0;
    long bad = 0;
    BadRow first = null;
    while (records.hasNext()) {
      Parsed record = records.next();
      read++;
      if (record instanceof BadRow problem) {
        bad++;
        first = first(first, problem);
      } else if (record instanceof SequenceRow row && taken.test(row)) {
        groups.merge(row.channels(), Group.of(row), Group::plus);
      }
    }
    return new RowSummary(groups, read, bad, first);
  }

  RowSummary plus(RowSummary other) {
    Map<Integer, Group> all = new TreeMap<>(groups);
    other.groups.forEach((channels, group) -> all.merge(channels, group, Group::plus));
    return new RowSummary(all, read + other.read, bad + other.bad, first(firstBad, other.firstBad));
  }

  /** Returns what is to be told: what cannot be read at all goes before a row, then the place. */
  private static BadRow first(BadRow a, BadRow b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    Comparator<BadRow> order =
        Comparator.comparing((BadRow row) -> !row.fatal()).thenComparing(BadRow::key);
    return order.compare(a, b) <= 0 ? a : b;
  }

  /** Returns the number of channels of the first row; rows of other numbers do not go with it. */
  int channels() {
    return groups.entrySet().stream()
        .min(Comparator.comparing(entry -> entry.getValue().first()))
        .orElseThrow()
        .getKey();
  }

  /** Returns the place of the first row that has another number of channels, or null. */
  RowKey firstOther(int channels) {
    return groups.entrySet().stream()
        .filter(entry -> entry.getKey() != channels)
        .map(entry -> entry.getValue().first())
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /** Returns how many rows have another number of channels. */
  long others(int channels) {
    return groups.entrySet().stream()
        .filter(entry -> entry.getKey() != channels)
        .mapToLong(entry -> entry.getValue().rows())
        .sum();
  }
}
