// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.Curriculum;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;

/**
 * The lengths of sequences that are read together, as they are in text: log-normal.
 *
 * @param batches of each batch the lengths of its sequences, the longest first
 */
record BatchLengths(List<int[]> batches) {
  /** So few can all be run in every turn, and so many let every length have its share. */
  private static final int BATCHES = 8;

  /**
   * Draws sequences, puts them into batches as training does, and takes some of these: with the
   * batches in the order of their lengths, the middle one of each of as many equal parts.
   */
  static BatchLengths draw(TrainingCase shape, long seed) {
    int pool = BucketBatcher.POOL;
    List<Example> examples =
        IntStream.range(0, Math.multiplyExact(pool, shape.batch()))
            .mapToObj(i -> length(shape, RandomBits.key(seed, shape.batch()), i))
            .map(length -> new Example("", length, new int[0][], null, null, null, null))
            .toList();
    BucketBatcher batcher = new BucketBatcher(examples, 0, 1, pool, Curriculum.NONE, seed);
    List<int[]> byLength =
        IntStream.range(0, pool)
            .mapToObj(i -> batcher.batch(0, i).stream().mapToInt(Example::steps).toArray())
            .sorted(Comparator.comparingInt(lengths -> -lengths[0]))
            .toList();
    return new BatchLengths(
        IntStream.range(0, BATCHES)
            .mapToObj(i -> byLength.get((2 * i + 1) * pool / (2 * BATCHES)))
            .toList());
  }

  private static int length(TrainingCase shape, long key, int index) {
    double deviation = shape.task().spread() * RandomBits.gaussian(key, index);
    long drawn = Math.round(shape.median() * StrictMath.exp(deviation));
    return (int) Math.max(1, Math.min(shape.maximum(), drawn));
  }

  /** Reads what {@link #text} wrote. */
  static BatchLengths parse(String text) {
    return new BatchLengths(
        Arrays.stream(text.split(";"))
            .map(batch -> Arrays.stream(batch.split(",")).mapToInt(Integer::parseInt).toArray())
            .toList());
  }

  /** Returns the lengths, with commas within a batch and semicolons between batches. */
  String text() {
    return batches.stream()
        .map(batch -> Arrays.toString(batch).replaceAll("[^0-9,]", ""))
        .collect(Collectors.joining(";"));
  }

  /** Returns the steps of all sequences together. */
  long tokens() {
    return batches.stream().mapToLong(batch -> IntStream.of(batch).asLongStream().sum()).sum();
  }

  /** Returns the number of sequences of all batches together. */
  long sequences() {
    return batches.stream().mapToLong(batch -> batch.length).sum();
  }
}
