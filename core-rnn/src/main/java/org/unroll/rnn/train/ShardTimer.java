// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** Times a worker in a round, shard by shard. */
public final class ShardTimer {
  private final long start = System.nanoTime();
  private long shardStart;
  private int slowestShard;
  private long slowest;

  /** A shard begins to be computed. */
  public void begin() {
    shardStart = System.nanoTime();
  }

  /** That shard is done. */
  public void end(int shard) {
    long nanos = System.nanoTime() - shardStart;
    if (nanos > slowest) {
      slowest = nanos;
      slowestShard = shard;
    }
  }

  /**
   * The worker is done; all since this timer was made counts but what was spent on {@code other}.
   */
  public WorkerTimes times(long other) {
    return new WorkerTimes(System.nanoTime() - start - other, slowestShard, slowest, 0, 0);
  }
}
