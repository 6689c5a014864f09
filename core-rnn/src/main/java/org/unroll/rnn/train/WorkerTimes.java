// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * What a worker measured of its part in a round, in nanoseconds; only reported.
 *
 * @param compute it took to compute its shards
 * @param slowestShard the one of them that took longest, from 0
 * @param slowest what that one took
 * @param encode its process took to turn the sums into bytes; those of the round before, since a
 *     message cannot tell how long it took itself
 * @param sum its process took to add the sums of its workers
 */
public record WorkerTimes(long compute, int slowestShard, long slowest, long encode, long sum) {
  /** Where nothing was measured. */
  public static final WorkerTimes NONE = new WorkerTimes(0, 0, 0, 0, 0);

  /** The same with what its process did. */
  public WorkerTimes with(long encode, long sum) {
    return new WorkerTimes(compute, slowestShard, slowest, encode, sum);
  }
}
