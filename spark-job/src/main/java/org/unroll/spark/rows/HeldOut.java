// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.unroll.rnn.math.RandomBits;
import scala.Tuple2;

/**
 * The rows that are held out of others: of every group those with the smallest hashes of seed and
 * content, as many as are its share. They are the same ones however the input is ordered and cut
 * into files, and equal rows fall on one side.
 *
 * @param fraction that was asked for, in (0, 1)
 * @param byLabel whether all rows of a label are a group; otherwise all rows are
 * @param limits what the hashes of a group's held rows are below, without a sign
 */
record HeldOut(double fraction, long seed, boolean byLabel, Map<String, Long> limits)
    implements Serializable {
  private static final String ALL = "";

  /** The buckets that hashes are counted in at a time have so many bits, over all groups. */
  private static final int BITS = 16;

  /** The search for the limit of a group: the bucket that has it, and what is below that. */
  private static final class Search {
    final long wanted;
    long bucket;
    long below;

    Search(long wanted) {
      this.wanted = wanted;
    }
  }

  /**
   * Finds the limits, by Spark jobs that count hashes in buckets, ever finer ones.
   *
   * @param rows of the whole set
   * @param count of them
   * @param labels how many rows have each label, of which each gives its share; empty for one group
   */
  static HeldOut of(
      JavaRDD<SequenceRow> rows, long count, long seed, double fraction, Map<String, Long> labels) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException("the fraction must be in (0, 1) but was " + fraction);
    }
    Map<String, Long> sizes = labels.isEmpty() ? Map.of(ALL, count) : labels;
    Map<String, Long> limits = new HashMap<>();
    HeldOut found = new HeldOut(fraction, seed, !labels.isEmpty(), limits);
    Map<String, Search> open = new HashMap<>();
    shares(sizes, fraction).forEach((group, share) -> open.put(group, new Search(share)));
    open.values().removeIf(search -> search.wanted == 0);
    int groups = Integer.SIZE - Integer.numberOfLeadingZeros(sizes.size());
    int step = Math.max(1, BITS - groups);
    for (int known = 0; !open.isEmpty() && known < Long.SIZE; ) {
      int bits = Math.min(step, Long.SIZE - known);
      Map<String, TreeMap<Long, Long>> counts = found.count(rows, open, known, bits);
      known += bits;
      int left = Long.SIZE - known;
      counts.forEach(
          (group, buckets) -> {
            Long limit = narrowed(open.get(group), buckets, left, sizes.get(group));
            if (limit != null) {
              limits.put(group, limit);
              open.remove(group);
            }
          });
    }
    return found;
  }

  /**
   * Returns how many rows each group gives: its share, rounded so that all together are the
   * fraction of all, and never the whole group.
   */
  private static Map<String, Long> shares(Map<String, Long> sizes, double fraction) {
    Map<String, Long> shares = new TreeMap<>();
    sizes.forEach((group, size) -> shares.put(group, (long) (fraction * size)));
    long all = sizes.values().stream().mapToLong(Long::longValue).sum();
    long given = shares.values().stream().mapToLong(Long::longValue).sum();
    List<String> largestRest = new ArrayList<>(shares.keySet());
    largestRest.sort(
        Comparator.comparingDouble(group -> shares.get(group) - fraction * sizes.get(group)));
    for (String group : largestRest) {
      if (given < Math.round(fraction * all) && shares.get(group) < sizes.get(group) - 1) {
        shares.merge(group, 1L, Long::sum);
        given++;
      }
    }
    return shares;
  }

  /** Counts the hashes of open groups in the buckets that their next bits are. */
  private Map<String, TreeMap<Long, Long>> count(
      JavaRDD<SequenceRow> rows, Map<String, Search> open, int known, int bits) {
    Map<String, Long> inside = new HashMap<>();
    open.forEach((group, search) -> inside.put(group, search.bucket));
    HeldOut hashes = new HeldOut(fraction, seed, byLabel, Map.of());
    Map<String, TreeMap<Long, Long>> counts = new HashMap<>();
    rows.mapToPair(row -> new Tuple2<>(hashes.group(row), hashes.hash(row)))
        .filter(
            row -> {
              Long bucket = inside.get(row._1());
              return bucket != null && (known == 0 || row._2() >>> -known == bucket);
            })
        .mapToPair(row -> new Tuple2<>((row._2() >>> -(known + bits)) + " " + row._1(), 1L))
        .reduceByKey(Long::sum)
        .collect()
        .forEach(
            counted -> {
              String[] parts = counted._1().split(" ", 2);
              counts
                  .computeIfAbsent(parts[1], group -> new TreeMap<>(Long::compareUnsigned))
                  .put(Long.parseLong(parts[0]), counted._2());
            });
    return counts;
  }

  /**
   * Returns the limit of a group, or null if it is inside a bucket, which the search goes on in.
   *
   * @param buckets the rows in each, in their order
   * @param left bits of a hash behind those that are the bucket; 0 where all its rows are equal
   * @param size rows of the group
   */
  private static Long narrowed(Search search, TreeMap<Long, Long> buckets, int left, long size) {
    for (Map.Entry<Long, Long> bucket : buckets.entrySet()) {
      long with = search.below + bucket.getValue();
      if (search.below == search.wanted) {
        return bucket.getKey() << left;
      }
      if (with > search.wanted) {
        if (left > 0) {
          search.bucket = bucket.getKey();
          return null;
        }
        boolean nearer = with - search.wanted < search.wanted - search.below;
        return bucket.getKey() + (nearer && with < size ? 1 : 0);
      }
      search.below = with;
    }
    return (buckets.lastKey() + 1) << left;
  }

  private String group(SequenceRow row) {
    return byLabel ? row.label() : ALL;
  }

  private long hash(SequenceRow row) {
    return RandomBits.bits(RandomBits.key(seed), RowHash.content(row));
  }

  /** Returns whether a row is held out. */
  boolean has(SequenceRow row) {
    return Long.compareUnsigned(hash(row), limits.getOrDefault(group(row), 0L)) < 0;
  }
}
