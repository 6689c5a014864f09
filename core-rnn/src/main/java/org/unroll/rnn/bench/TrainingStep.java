// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.UpdateStep;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;

/** Whole training steps: forward and backward, mean gradient, clipping, update. */
abstract class TrainingStep implements Runnable {
  static final InitSpec INIT = InitSpec.PYTORCH;
  private static final double CLIP_NORM = 5;

  private final double learningRate;
  private final UpdateStep update;
  private final float[] params;
  private final WeightedSum sum;

  /** Starts from these parameters. */
  TrainingStep(OptimizerSpec optimizer, ParamLayout layout, float[] params, Team team) {
    this.params = params;
    learningRate = optimizer.lr();
    update = new UpdateStep(spec(optimizer), layout, team);
    sum = new WeightedSum(params.length);
  }

  /** As far as updates read it: batch, window and seed belong to who makes the passes. */
  private static TrainSpec spec(OptimizerSpec optimizer) {
    return new TrainSpec(
        1,
        1,
        1,
        1,
        0,
        StateMode.CARRY,
        optimizer,
        ScheduleSpec.CONSTANT,
        PenaltySpec.NONE,
        INIT,
        CLIP_NORM,
        0,
        0,
        1,
        Wire.FP32,
        0);
  }

  /**
   * Forward and backward over the next batch.
   *
   * @param gradient the gradient of the summed loss is added to it
   */
  abstract Loss pass(float[] params, Gradient gradient);

  /** Bytes of the buffers for activations and scratch. */
  abstract long workspaceBytes();

  /** Makes one step. */
  final void step() {
    sum.clear();
    sum.add(pass(params, sum.parts()));
    double norm = update.takeMean(sum, params);
    update.apply(params, sum, norm, learningRate);
  }

  /** The mean loss of the last step, in nats for each answer. */
  final double loss() {
    return sum.loss().mean();
  }
}
