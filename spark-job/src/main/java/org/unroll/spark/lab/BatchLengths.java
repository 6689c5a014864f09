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
 * The lengths of sequences that are read together, as they are in text: log-normal; and of those
 * that are written about them.
 *
 * @param batches of each batch the lengths of its sequences, the longest first
 * @param written of each batch the lengths of what is written about its sequences; no batches where
 *     nothing is
 */
record BatchLengths(List<int[]> batches, List<int[]> written) {
  /** So few can all be run in every turn, and so many let every length have its share. */
  private static final int BATCHES = 8;

  /** A search takes as long as some steps. */
  private static final int SEARCHED_BATCHES = 2;

  /** The standard deviation of the logarithm of how much longer a translation is. */
  private static final double TRANSLATED_SPREAD = 0.2;

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
    int count = shape.task() == TrainingCase.Task.SEARCH ? SEARCHED_BATCHES : BATCHES;
    List<int[]> batches =
        IntStream.range(0, count)
            .mapToObj(i -> byLength.get((2 * i + 1) * pool / (2 * count)))
            .toList();
    if (!shape.task().writes()) {
      return new BatchLengths(batches, List.of());
    }
    return new BatchLengths(
        batches,
        IntStream.range(0, count)
            .mapToObj(i -> written(shape, batches.get(i), RandomBits.key(seed, shape.batch(), i)))
            .toList());
  }

  private static int length(TrainingCase shape, long key, int index) {
    return length(shape, shape.median(), shape.task().spread(), key, index);
  }

  private static int[] written(TrainingCase shape, int[] read, long key) {
    boolean searches = shape.task() == TrainingCase.Task.SEARCH;
    return IntStream.range(0, read.length)
        .map(i -> searches ? shape.maximum() : length(shape, read[i], TRANSLATED_SPREAD, key, i))
        .toArray();
  }

  private static int length(TrainingCase shape, int median, double spread, long key, int index) {
    long drawn = Math.round(median * StrictMath.exp(spread * RandomBits.gaussian(key, index)));
    return (int) Math.max(1, Math.min(shape.maximum(), drawn));
  }

  /** Reads what {@link #text} wrote. */
  static BatchLengths parse(String text) {
    List<int[]> batches = part(text, 0);
    return new BatchLengths(batches, text.contains("/") ? part(text, 1) : List.of());
  }

  private static List<int[]> part(String text, int side) {
    return Arrays.stream(text.split(";"))
        .map(
            batch ->
                Arrays.stream(batch.split(","))
                    .mapToInt(length -> Integer.parseInt(length.split("/")[side]))
                    .toArray())
        .toList();
  }

  /**
   * Returns the lengths, with commas within a batch and semicolons between batches; what is written
   * about a sequence stands behind a slash.
   */
  String text() {
    return IntStream.range(0, batches.size())
        .mapToObj(
            batch ->
                IntStream.range(0, batches.get(batch).length)
                    .mapToObj(row -> text(batch, row))
                    .collect(Collectors.joining(",")))
        .collect(Collectors.joining(";"));
  }

  private String text(int batch, int row) {
    String read = Integer.toString(batches.get(batch)[row]);
    return written.isEmpty() ? read : read + "/" + written.get(batch)[row];
  }

  /** Returns the steps of all sequences together. */
  long tokens() {
    return sum(batches);
  }

  /** Returns the tokens that count: those that are written, or else those that are read. */
  long counted() {
    return written.isEmpty() ? tokens() : sum(written);
  }

  private static long sum(List<int[]> lengths) {
    return lengths.stream().mapToLong(batch -> IntStream.of(batch).asLongStream().sum()).sum();
  }

  /** Returns the pairs of a token that is written with one that is read of its sequence. */
  long pairs() {
    return IntStream.range(0, written.size()).mapToLong(this::pairs).sum();
  }

  /** Returns the pairs of a batch, none where nothing is written. */
  int pairs(int batch) {
    int pairs = 0;
    for (int row = 0; !written.isEmpty() && row < batches.get(batch).length; row++) {
      pairs += batches.get(batch)[row] * written.get(batch)[row];
    }
    return pairs;
  }

  /** Returns the number of sequences of all batches together. */
  long sequences() {
    return batches.stream().mapToLong(batch -> batch.length).sum();
  }
}
