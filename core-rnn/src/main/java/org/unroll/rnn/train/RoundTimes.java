// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The times of a round say where it went, in seconds; they are only reported. The parts add up to
 * the round, so what happens at the same time as something else counts once: encoding and adding
 * that go on while numbers cross are taken out of {@code wire}.
 *
 * @param compute the mean of the workers' computing
 * @param waiting how much longer the slowest worker computed: what the others wait for
 * @param encode turning numbers into bytes, at the driver and at the mean worker
 * @param wire what is left: network, scheduling, queues
 * @param sum adding the shards' sums
 * @param step mean gradient, clipping, optimiser
 * @param slowestShard the shard that took longest, from 1; 0 if nothing was measured
 * @param slowestSeconds what it took
 */
public record RoundTimes(
    double compute,
    double waiting,
    double encode,
    double wire,
    double sum,
    double step,
    int slowestShard,
    double slowestSeconds) {
  /** The times of a round that nobody measured. */
  public static final RoundTimes NONE = new RoundTimes(0, 0, 0, 0, 0, 0, 0, 0);

  private static final double NANOS = 1e9;

  /**
   * Returns the times of a round before its update, from nanoseconds.
   *
   * @param round from its begin to the sum over all shards
   * @param workers what each of them measured, at least one
   * @param encode the driver took to turn numbers into bytes, a thread's mean
   * @param sum the driver took to add, a thread's mean
   */
  public static RoundTimes of(long round, List<WorkerTimes> workers, long encode, long sum) {
    WorkerTimes first = workers.get(0);
    double computes = 0;
    double encodes = encode;
    double sums = sum;
    long longest = 0;
    WorkerTimes slowest = first;
    for (WorkerTimes worker : workers) {
      computes += (double) worker.compute() / workers.size();
      encodes += (double) worker.encode() / workers.size();
      sums += (double) worker.sum() / workers.size();
      longest = Math.max(longest, worker.compute());
      slowest = worker.slowest() > slowest.slowest() ? worker : slowest;
    }
    // Clocks of two machines may differ, and what overlaps may add up to more than there was.
    double computed = Math.min(longest, round);
    double mean = Math.min(computes, computed);
    double rest = round - computed;
    double overlap = Math.min(1, rest / Math.max(1, encodes + sums));
    return new RoundTimes(
        mean / NANOS,
        (computed - mean) / NANOS,
        overlap * encodes / NANOS,
        (rest - overlap * (encodes + sums)) / NANOS,
        overlap * sums / NANOS,
        0,
        slowest.slowestShard() + 1,
        slowest.slowest() / NANOS);
  }

  /** Returns the same times with those of the update. */
  public RoundTimes withStep(double step) {
    return new RoundTimes(compute, waiting, encode, wire, sum, step, slowestShard, slowestSeconds);
  }

  /** Returns what the whole round took. */
  public double seconds() {
    return compute + waiting + encode + wire + sum + step;
  }

  /** Returns the parts by name, in the order of a round. */
  public Map<String, Double> parts() {
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("compute", compute);
    parts.put("wait", waiting);
    parts.put("encode", encode);
    parts.put("wire", wire);
    parts.put("sum", sum);
    parts.put("step", step);
    return parts;
  }
}
