// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.model.ModelRunner;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.StateMode;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.UpdateStep;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;

/**
 * The whole training step of a {@link CellCase}: forward and backward over a window with the state
 * carried, mean gradient, clipping, gradient descent. The tokens are uniformly random, which costs
 * an embedding more than text does, and drawn beforehand.
 */
final class TrainingStep implements Runnable {
  private static final double LEARNING_RATE = 0.1;
  private static final double CLIP_NORM = 5;

  /** Windows that the steps go through in turn. */
  private static final int WINDOWS = 8;

  private final List<Batch> windows = new ArrayList<>();
  private final ModelRunner runner;
  private final UpdateStep update;
  private final float[] params;
  private final float[] state;
  private final WeightedSum sum;
  private int next;

  /** Draws parameters and tokens. */
  TrainingStep(CellCase shape, int threads, long seed) {
    SequenceModel model = new SequenceModel(shape.model());
    TrainSpec spec = spec(shape, seed);
    Team team = new Team(threads);
    runner = new ModelRunner(model, shape.window(), shape.batch(), team);
    update = new UpdateStep(spec, model.layout(), team);
    params = Initializer.draw(model, spec.init(), seed);
    state = new float[model.stateSize(shape.batch())];
    sum = new WeightedSum(params.length);
    for (int i = 0; i < WINDOWS; i++) {
      windows.add(window(shape, i, RandomBits.key(seed)));
    }
  }

  private static TrainSpec spec(CellCase shape, long seed) {
    return new TrainSpec(
        shape.batch(),
        shape.window(),
        1,
        1,
        seed,
        StateMode.CARRY,
        OptimizerSpec.of(OptimizerSpec.Kind.SGD, LEARNING_RATE),
        ScheduleSpec.CONSTANT,
        PenaltySpec.NONE,
        InitSpec.PYTORCH,
        CLIP_NORM,
        0,
        0,
        1,
        Wire.FP32,
        0);
  }

  /** A window of one endless text: its targets are the inputs one step later. */
  private static Batch window(CellCase shape, int index, long key) {
    Batch batch = new Batch();
    batch.reshape(shape.window(), shape.batch());
    long from = (long) index * shape.tokens();
    for (int i = 0; i < shape.tokens(); i++) {
      batch.inputs()[i] = token(shape, key, from + i);
      batch.targets()[i] = token(shape, key, from + i + shape.batch());
    }
    return batch;
  }

  private static int token(CellCase shape, long key, long position) {
    return (int) (RandomBits.uniformDouble(key, position) * shape.vocabulary());
  }

  @Override
  public void run() {
    Batch batch = windows.get(next);
    next = (next + 1) % WINDOWS;
    runner.setParams(params);
    sum.clear();
    sum.add(runner.train(batch, state, false, 0, sum.parts()));
    double norm = update.takeMean(sum, params);
    update.apply(params, sum, norm, LEARNING_RATE);
  }

  /** The mean loss of the last step, in nats per token. */
  double loss() {
    return sum.loss().mean();
  }

  /** Bytes of the buffers for activations and scratch. */
  long workspaceBytes() {
    return runner.bytes();
  }
}
