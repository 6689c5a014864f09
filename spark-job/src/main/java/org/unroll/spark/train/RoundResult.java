// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.WorkerTimes;

/** A contribution as a task's result: plain arrays, which Kryo writes as they are. */
public final class RoundResult implements java.io.Serializable {
  private static final long serialVersionUID = 1L;

  /** Where the task ran, in the words of Spark's scheduler. */
  final String location;

  /** What is wrong with the data, or null. */
  final String inputError;

  private final float[][] gradients;
  private final double[] losses;
  private final double[] weights;
  private final float[] states;
  private final long compute;
  private final int slowestShard;
  private final long slowest;

  private RoundResult(
      String location,
      String inputError,
      float[][] gradients,
      double[] losses,
      double[] weights,
      float[] states,
      WorkerTimes times) {
    this.location = location;
    this.inputError = inputError;
    this.gradients = gradients;
    this.losses = losses;
    this.weights = weights;
    this.states = states;
    compute = times.compute();
    slowestShard = times.slowestShard();
    slowest = times.slowest();
  }

  static RoundResult of(String location, Contribution c) {
    List<Loss> losses =
        c.sums().isEmpty() ? c.losses() : c.sums().stream().map(WeightedSum::loss).toList();
    return new RoundResult(
        location,
        null,
        c.sums().stream().map(WeightedSum::gradient).toArray(float[][]::new),
        losses.stream().mapToDouble(Loss::sum).toArray(),
        losses.stream().mapToDouble(Loss::weight).toArray(),
        c.states(),
        c.times());
  }

  /** The data are to blame: a result, because Spark would try again after an exception. */
  static RoundResult inputError(String location, String message) {
    return new RoundResult(
        location,
        message,
        new float[0][],
        new double[0],
        new double[0],
        Contribution.NO_STATES,
        WorkerTimes.NONE);
  }

  /** TRAIN: the sums of the worker's nodes. */
  List<WeightedSum> sums() {
    List<WeightedSum> sums = new ArrayList<>();
    for (int i = 0; i < gradients.length; i++) {
      sums.add(new WeightedSum(gradients[i], losses[i], weights[i]));
    }
    return sums;
  }

  /** EVALUATE: the losses of the worker's shards. */
  List<Loss> losses() {
    List<Loss> all = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      all.add(new Loss(losses[i], weights[i]));
    }
    return all;
  }

  /** What the worker measured. Spark does the rest, which nobody measures. */
  WorkerTimes times() {
    return new WorkerTimes(compute, slowestShard, slowest, 0, 0);
  }

  /** TRAIN: the states behind the window. */
  float[] states() {
    return states;
  }
}
