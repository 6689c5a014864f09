// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.OptimizerSpec;

/**
 * The training step of a {@link CellCase}: over a window with the state carried, with gradient
 * descent. The tokens are uniformly random, which costs an embedding more than text does, and drawn
 * beforehand.
 */
final class CellStep extends TrainingStep {
  private static final OptimizerSpec OPTIMIZER = OptimizerSpec.of(OptimizerSpec.Kind.SGD, 0.1);

  /** Windows that the steps go through in turn. */
  private static final int WINDOWS = 8;

  private final List<Batch> windows = new ArrayList<>();
  private final ModelRunner runner;
  private final float[] state;
  private int next;

  /** Draws parameters and tokens. */
  CellStep(CellCase shape, int threads, long seed) {
    this(shape, new SequenceModel(shape.model()), new Team(threads), seed);
  }

  private CellStep(CellCase shape, SequenceModel model, Team team, long seed) {
    super(OPTIMIZER, model.layout(), Initializer.draw(model, INIT, seed), team);
    runner = new ModelRunner(model, shape.window(), shape.batch(), team);
    state = new float[model.stateSize(shape.batch())];
    for (int i = 0; i < WINDOWS; i++) {
      windows.add(window(shape, i, RandomBits.key(seed)));
    }
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
    step();
  }

  @Override
  Loss pass(float[] params, Gradient gradient) {
    Batch batch = windows.get(next);
    next = (next + 1) % WINDOWS;
    runner.setParams(params);
    return runner.train(batch, state, false, 0, gradient);
  }

  @Override
  long workspaceBytes() {
    return runner.bytes();
  }
}
