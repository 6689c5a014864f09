// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.unroll.rnn.math.RandomBits;

/**
 * A bucket batcher makes the batches of one shard. Every epoch its sequences are shuffled, cut into
 * pools, sorted by length within a pool and cut into as many batches as there are rounds, so that a
 * batch has sequences of similar lengths. The rounds take the batches of all shards in one random
 * order, the same for all, so that a round's batches are alike in length from shard to shard as
 * well and no worker waits for another. All of it depends on the seed, the epoch and the shard's
 * own sequences alone.
 *
 * <p>Not for use by two threads at a time.
 */
public final class BucketBatcher {
  /**
   * The batches of a pool: enough for similar lengths, few enough for other neighbours every epoch.
   */
  public static final int POOL = 50;

  private static final long SHUFFLE = 1;
  private static final long ROUND_ORDER = 2;
  private static final long CURRICULUM = 3;

  private final List<Example> examples;
  private final int shard;
  private final int shards;
  private final int rounds;
  private final Curriculum curriculum;
  private final long key;

  /** The epoch whose order is here. */
  private int epoch = -1;

  private int[] order;
  private int[] batchOf;

  /**
   * Prepares for the examples of a shard.
   *
   * @param examples of this shard; not copied
   * @param rounds of an epoch, of {@link #rounds}
   * @param curriculum what is read in which epoch
   * @param seed of the order
   */
  public BucketBatcher(
      List<Example> examples, int shard, int shards, int rounds, Curriculum curriculum, long seed) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be positive but were " + rounds);
    }
    this.examples = examples;
    this.shard = shard;
    this.shards = shards;
    this.rounds = rounds;
    this.curriculum = curriculum;
    key = seed;
  }

  /**
   * Returns the rounds of an epoch in which all shards together read a global batch; the last
   * sequences make no smaller one, all batches are nearly equal.
   */
  public static int rounds(long examples, int batch) {
    return Math.toIntExact((examples + batch - 1) / batch);
  }

  /** Returns the most sequences that a round has, of any epoch. */
  public int most() {
    return (examples.size() + rounds - 1) / rounds;
  }

  /** Returns the sequences of a round; of a small shard there may be none. */
  public List<Example> batch(int epoch, int round) {
    if (round < 0 || round >= rounds) {
      throw new IllegalArgumentException("round must be in [0, " + rounds + ") but was " + round);
    }
    if (epoch != this.epoch) {
      arrange(epoch);
    }
    List<Example> batch = new ArrayList<>();
    for (int i = start(batchOf[round]); i < start(batchOf[round] + 1); i++) {
      batch.add(examples.get(order[i]));
    }
    return batch;
  }

  /** Returns where a batch begins: moved from shard to shard, so that not all have a large one. */
  private int start(int batch) {
    long n = (long) batch * examples.size() * shards + (long) shard * rounds;
    return (int) (n / ((long) rounds * shards));
  }

  private void arrange(int epoch) {
    this.epoch = epoch;
    order = shuffled(examples.size(), RandomBits.key(key, SHUFFLE, epoch, shard));
    int[] chosen =
        curriculum.choose(examples, epoch, RandomBits.key(key, CURRICULUM, epoch, shard));
    Arrays.setAll(order, i -> chosen[order[i]]);
    for (int batch = 0; batch < rounds; batch += POOL) {
      int from = start(batch);
      int to = start(Math.min(rounds, batch + POOL));
      Integer[] pool = Arrays.stream(order, from, to).boxed().toArray(Integer[]::new);
      Arrays.sort(pool, Comparator.comparingInt(i -> -examples.get(i).steps()));
      for (int i = 0; i < pool.length; i++) {
        order[from + i] = pool[i];
      }
    }
    batchOf = shuffled(rounds, RandomBits.key(key, ROUND_ORDER, epoch));
  }

  /** Returns the numbers below n in random order (Fisher and Yates). */
  private static int[] shuffled(int n, long key) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = (int) Long.remainderUnsigned(RandomBits.bits(key, i), i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Returns all sequences, the longest first: the order of a batch, and of an evaluation. */
  public static List<Example> byLength(List<Example> examples) {
    return examples.stream().sorted(Comparator.comparingInt(e -> -e.steps())).toList();
  }
}
