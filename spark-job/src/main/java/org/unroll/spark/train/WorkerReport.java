// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.model.Loss;
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
  private final long compute;
  private final int slowestShard;
  private final long slowest;
  private final long encode;

  WorkerReport(
      int worker,
      String location,
      String inputError,
      List<Loss> losses,
      float[] states,
      WorkerTimes times) {
    this.worker = worker;
    this.location = location;
    this.inputError = inputError;
    this.losses = losses.stream().mapToDouble(Loss::sum).toArray();
    this.weights = losses.stream().mapToDouble(Loss::weight).toArray();
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
    return IntStream.range(0, losses.length)
        .mapToObj(i -> new Loss(losses[i], weights[i]))
        .toList();
  }
}
