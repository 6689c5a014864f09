// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.WorkerTimes;

/** What a worker tells beside its sums: plain arrays, which Kryo writes as they are. */
final class WorkerReport implements Serializable {
  private static final long serialVersionUID = 1L;

  final int worker;

  /** Where the task ran, in the words of Spark's scheduler. */
  final String location;

  /** What is wrong with the data, or null. */
  final String inputError;

  /** TRAIN: the states behind the window. */
  final float[] states;

  private final double[] losses;
  private final double[] weights;

  /** The sums of the metric of all parts, and where those of each end. */
  private final double[] metrics;

  private final int[] ends;
  private final long compute;
  private final int slowestShard;
  private final long slowest;
  private final long encode;

  WorkerReport(
      int worker,
      String location,
      String inputError,
      List<Evaluation> parts,
      float[] states,
      WorkerTimes times) {
    this.worker = worker;
    this.location = location;
    this.inputError = inputError;
    losses = parts.stream().mapToDouble(part -> part.loss().sum()).toArray();
    weights = parts.stream().mapToDouble(part -> part.loss().weight()).toArray();
    ends = new int[losses.length];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = (i == 0 ? 0 : ends[i - 1]) + parts.get(i).sums().length;
    }
    metrics = parts.stream().flatMapToDouble(part -> Arrays.stream(part.sums())).toArray();
    this.states = states;
    compute = times.compute();
    slowestShard = times.slowestShard();
    slowest = times.slowest();
    encode = times.encode();
  }

  /** What the worker measured; its encoding is that of this round. */
  WorkerTimes times() {
    return new WorkerTimes(compute, slowestShard, slowest, encode, 0);
  }

  /** TRAIN: the losses of the worker's nodes; EVALUATE: those of its shards. */
  List<Loss> losses() {
    return evaluations().stream().map(Evaluation::loss).toList();
  }

  /** EVALUATE: of the worker's shards. */
  List<Evaluation> evaluations() {
    return IntStream.range(0, losses.length)
        .mapToObj(
            i ->
                new Evaluation(
                    new Loss(losses[i], weights[i]),
                    Arrays.copyOfRange(metrics, i == 0 ? 0 : ends[i - 1], ends[i])))
        .toList();
  }
}
