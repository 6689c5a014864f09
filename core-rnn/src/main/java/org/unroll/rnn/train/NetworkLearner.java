// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.train.TrainSpec.StateMode;

/**
 * A network learner computes shards of any task's training, one after the other, with one set of
 * buffers: it takes their batches from an {@link ExampleSource}, and keeps what streams carry from
 * window to window. What it computes depends on the parameters, the shard and the window alone, so
 * it does not matter which worker has which shards.
 */
public final class NetworkLearner implements Learner {
  private final Network network;
  private final TrainSpec spec;
  private final ExampleSource source;
  private final Metric metric;
  private final Batch batch;
  private final Pass pass;

  /** The state behind the last training window by shard, where there are streams. */
  private final Map<Integer, float[]> states = new HashMap<>();

  /** The gradient of a window's initial state, where that is learned. */
  private float[] stateGradient = NO_STATE;

  /**
   * Prepares for the shards of a source.
   *
   * @param metric what evaluation adds up, or null for the loss alone
   * @param threads that compute together; their number changes no bit
   * @throws IllegalArgumentException if the specification's state mode does not go with the network
   */
  public NetworkLearner(
      Network network, TrainSpec spec, ExampleSource source, Metric metric, int threads) {
    requireLearnable(network, spec);
    this.network = network;
    this.spec = spec;
    this.source = source;
    this.metric = metric;
    batch = new Batch(network.spec().batchShape());
    pass = new Pass(network, new Team(threads));
    pass.reserve(source.size());
  }

  /**
   * Returns what computes the shards of a training: such a learner by itself, or one that makes
   * steps with it.
   */
  public static Learner ofTraining(
      Network network, TrainSpec spec, ExampleSource source, Metric metric, int threads) {
    NetworkLearner learner = new NetworkLearner(network, spec, source, metric, threads);
    return spec.round().isLocal()
        ? new LocalLearner(network, spec, learner, source.windows(), threads)
        : learner;
  }

  /** A learned initial state must exist to be used, and be used to be learned. */
  static void requireLearnable(Network network, TrainSpec spec) {
    StateMode state = spec.state();
    boolean learned = network.spec().learnedState();
    if (state == StateMode.LEARNED && !learned) {
      throw new IllegalArgumentException(
          "state LEARNED needs a network with a learned initial state");
    }
    if (learned && (state == StateMode.ZERO || state == StateMode.RANDOM)) {
      throw new IllegalArgumentException(
          "state " + state + " would never train the network's learned initial state");
    }
  }

  @Override
  public void load(float[] params) {
    pass.load(params);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A window in which all streams of the shard have ended adds nothing.
   */
  @Override
  public void gradient(int shard, Window round, WeightedSum into) {
    for (Window window : spec.round().windows(round, source.windows())) {
      add(shard, window, into);
    }
  }

  /** Adds one window, whose index counts windows. */
  void add(int shard, Window window, WeightedSum into) {
    source.fill(shard, window, batch);
    long dropoutKey = RandomUse.DROPOUT.key(spec.seed(), window.step(), shard);
    if (source.streams(shard, Split.TRAIN) == 0) {
      pass.readOwnTokens(spec.ownTokens(window.epoch()));
      into.add(pass.train(batch, dropoutKey, into.parts()));
      return;
    }
    if (batch.packing().positions() == 0) {
      return;
    }
    int size = network.stateSize(batch.rows());
    float[] state = states.computeIfAbsent(shard, s -> new float[size]);
    if (state.length != size) {
      throw new IllegalStateException(
          "shard " + shard + " has a state of " + state.length + " numbers but needs " + size);
    }
    float[] initial = prepareState(shard, window, state) ? initialGradient(size) : null;
    into.add(pass.train(batch, state, initial, dropoutKey, into.parts()));
  }

  private float[] initialGradient(int size) {
    if (network.spec().learnedState() && stateGradient.length < size) {
      stateGradient = new float[size];
    }
    return stateGradient;
  }

  /** Sets the state before a window; returns whether it is the network's initial state. */
  private boolean prepareState(int shard, Window window, float[] state) {
    switch (spec.state()) {
      case CARRY -> {
        if (window.index() > 0) {
          return false;
        }
        pass.initialState(state, batch.rows());
        return true;
      }
      case LEARNED -> {
        pass.initialState(state, batch.rows());
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

  @Override
  public Evaluation evaluate(int shard, Split split) {
    if (!source.has(shard, split)) {
      return Evaluation.NONE;
    }
    int streams = source.streams(shard, split);
    float[] state = streams == 0 ? null : new float[network.stateSize(streams)];
    if (state != null) {
      pass.initialState(state, streams);
    }
    Evaluator evaluator = new Evaluator(pass, metric, null);
    source.evaluate(
        shard,
        split,
        batch,
        () -> {
          if (streams == 0 || batch.packing().positions() > 0) {
            evaluator.read(batch, state);
          }
        });
    return evaluator.evaluation();
  }

  @Override
  public float[] state(int shard) {
    return spec.state() == StateMode.CARRY ? states.getOrDefault(shard, NO_STATE) : NO_STATE;
  }

  @Override
  public void restore(int shard, float[] state) {
    if (state.length > 0) {
      states.put(shard, state.clone());
    }
  }
}
