// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * The times that a worker measured of its part in a round, in nanoseconds; only reported.
 *
 * @param compute it took to compute its shards
 * @param slowestShard the one of them that took longest, from 0
 * @param slowest what that one took
 * @param encode its process took to turn the sums into bytes; those of the round before, since a
 *     message cannot tell how long it took itself
 * @param sum its process took to add the sums of its workers
 */
public record WorkerTimes(long compute, int slowestShard, long slowest, long encode, long sum) {
  /** The times of a worker that measured nothing. */
  public static final WorkerTimes NONE = new WorkerTimes(0, 0, 0, 0, 0);

  /** Returns the same times with what the worker's process did. */
  public WorkerTimes with(long encode, long sum) {
    return new WorkerTimes(compute, slowestShard, slowest, encode, sum);
  }

  /** Times a worker in one round, shard by shard. */
  public static final class Timer {
    private final long start = System.nanoTime();
    private long shardStart;
    private int slowestShard;
    private long slowest;

    /** Starts the time of a shard. */
    public void begin() {
      shardStart = System.nanoTime();
    }

    /** Ends the time of that shard. */
    public void end(int shard) {
      long nanos = System.nanoTime() - shardStart;
      if (nanos > slowest) {
        slowest = nanos;
        slowestShard = shard;
      }
    }

    /**
     * Ends the worker's time: all since this timer was made counts but what was spent on {@code
     * other}.
     */
    public WorkerTimes times(long other) {
      return new WorkerTimes(System.nanoTime() - start - other, slowestShard, slowest, 0, 0);
    }
  }
}
