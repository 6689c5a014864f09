// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.TrainSpec.StateMode;

/**
 * Computes any number of shards, one after the other, with one set of buffers. What it computes
 * depends on the parameters, the shard and the window alone, so it does not matter which worker has
 * which shards. Not for use by two callers at a time.
 */
public final class ShardWorker {
  private final SequenceModel model;
  private final TrainSpec spec;
  private final ModelRunner runner;
  private final Batch batch = new Batch();

  /**
   * A worker for shards of at most {@code maxRows} rows in any split.
   *
   * @param threads that compute together; their number changes no bit
   * @throws IllegalArgumentException if the specification's state mode does not go with the model
   */
  public ShardWorker(SequenceModel model, TrainSpec spec, int maxRows, int threads) {
    requireLearnable(model, spec);
    this.model = model;
    this.spec = spec;
    this.runner =
        new ModelRunner(
            model,
            spec.window(),
            Math.max(1, maxRows),
            new Team(threads),
            spec.init().frozenEmbedding());
  }

  /**
   * A learned initial state must exist to be used, and be used to be learned; and no matrix can be
   * frozen and learned.
   */
  static void requireLearnable(SequenceModel model, TrainSpec spec) {
    if (spec.init().frozenEmbedding() && model.spec().tied()) {
      throw new IllegalArgumentException(
          "a frozen embedding cannot be tied to the output layer, which is learned");
    }
    StateMode state = spec.state();
    boolean learned = model.spec().learnedState();
    if (state == StateMode.LEARNED && !learned) {
      throw new IllegalArgumentException(
          "state LEARNED needs a model with a learned initial state");
    }
    if (learned && (state == StateMode.ZERO || state == StateMode.RANDOM)) {
      throw new IllegalArgumentException(
          "state " + state + " would never train the model's learned initial state");
    }
  }

  /**
   * Takes the parameters as they are now, before the first shard and whenever they changed; they
   * must stay the same until the last shard is done.
   */
  public void setParams(float[] params) {
    runner.setParams(params);
  }

  /**
   * Forward and backward over a shard's training window: the gradient and the loss are added to
   * {@code into}, and the shard's state moves on. A window in which all rows of the shard have
   * ended adds nothing.
   */
  public void gradient(Shard shard, Window window, WeightedSum into) {
    StreamBatcher train = shard.windows(Split.TRAIN);
    train.fill(window.index(), batch);
    if (batch.steps() == 0) {
      return;
    }
    float[] state = shard.state(model.stateSize(batch.rows()));
    boolean fromInitial = prepareState(shard.index(), window, state);
    long dropoutKey = RandomUse.DROPOUT.key(spec.seed(), window.step(), shard.index());
    into.add(runner.train(batch, state, fromInitial, dropoutKey, into.parts()));
  }

  /** Sets the state before a window; returns whether it is the model's initial state. */
  private boolean prepareState(int shard, Window window, float[] state) {
    switch (spec.state()) {
      case CARRY -> {
        if (window.index() > 0) {
          return false;
        }
        runner.initialState(state, batch.rows());
        return true;
      }
      case LEARNED -> {
        runner.initialState(state, batch.rows());
        return true;
      }
      case ZERO -> Arrays.fill(state, 0);
      case RANDOM -> {
        long key = RandomUse.STATE.key(spec.seed(), window.step(), shard);
        for (int i = 0; i < state.length; i++) {
          state[i] = (float) RandomBits.gaussian(key, i);
        }
      }
    }
    return false;
  }

  /**
   * The loss over all of a shard's part of a split, from the model's initial state on, without
   * dropout; {@link Loss#ZERO} if the shard has no such split. The training state is left alone.
   */
  public Loss evaluate(Shard shard, Split split) {
    StreamBatcher windows = shard.windows(split);
    if (windows == null || windows.rows() == 0) {
      return Loss.ZERO;
    }
    float[] state = new float[model.stateSize(windows.rows())];
    runner.initialState(state, windows.rows());
    Loss loss = Loss.ZERO;
    for (int i = 0; i < windows.windows(); i++) {
      windows.fill(i, batch);
      if (batch.steps() > 0) {
        loss = loss.plus(runner.evaluate(batch, state));
      }
    }
    return loss;
  }
}
