// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.TrainResult.Ending;

/**
 * Synchronous training: every round all shards compute the gradient of one window, or of some, at
 * the same parameters, and one update follows; or they make steps by themselves, whose results are
 * averaged ({@link RoundSpec}). The result is defined by the data, the model and the specification;
 * where the rounds run does not change a bit of it.
 *
 * @param score what the sums of the metric over the validation data say, more being better: the
 *     best epoch is the one with the highest; NaN where the loss is to decide
 */
public record Trainer(Network network, TrainSpec spec, ToDoubleFunction<double[]> score) {
  /** The most threads of an update: more would only wait for the memory. */
  private static final int MAX_THREADS = 4;

  /** The fewest slices for a thread: with fewer, waking it up would take longer than its work. */
  private static final int SLICES_A_THREAD = 4;

  /**
   * Makes a trainer of a network.
   *
   * @throws IllegalArgumentException if the state mode does not go with the network
   */
  public Trainer {
    NetworkLearner.requireLearnable(network, spec);
  }

  /** Makes a trainer whose best epoch is the one with the lowest loss. */
  public Trainer(Network network, TrainSpec spec) {
    this(network, spec, sums -> Double.NaN);
  }

  /**
   * Trains to the last epoch, until {@code patience} epochs have brought nothing better, or for
   * {@code maxSteps} rounds, whatever comes first.
   *
   * @param rounds where the shards are; not closed
   * @param initial the parameters to start from, which are copied; null to draw them
   * @throws IllegalArgumentException if there is nothing to train on, or {@code initial} has not
   *     the model's size
   * @throws TrainingDivergedException if a loss or a gradient is infinite or NaN, or a loss
   *     explodes
   */
  public TrainResult fit(Rounds rounds, float[] initial, TrainListener... listeners) {
    requireData(rounds);
    boolean draw = initial == null;
    float[] params = draw ? Initializer.draw(network, spec.init(), spec.seed()) : initial.clone();
    int size = network.layout().size();
    if (params.length != size) {
      throw new IllegalArgumentException(
          "the model has " + size + " parameters but was given " + params.length);
    }
    return new Run(rounds, params, params.clone(), List.of(listeners)).finish();
  }

  /**
   * Goes on with a training of this model, specification and data, to the bits that {@link #fit}
   * would have come to.
   *
   * @param rounds where the shards are now, before their first round; not closed
   * @param from what {@link TrainListener#pause} gave; its vectors are taken over
   * @throws IllegalArgumentException if the state is none of such a training
   * @throws TrainingDivergedException if a loss or a gradient is infinite or NaN, or a loss
   *     explodes
   */
  public TrainResult resume(Rounds rounds, TrainState from, TrainListener... listeners) {
    requireData(rounds);
    int size = network.layout().size();
    float[] params = from.take(TrainState.PARAMS, size);
    float[] best = from.epochs().isEmpty() ? params.clone() : from.take(TrainState.BEST, size);
    Run run = new Run(rounds, params, best, List.of(listeners));
    run.next = from.next();
    run.epochSums = from.epoch();
    run.runSums = from.run();
    for (EpochMetrics past : from.epochs()) {
      run.isBest(past);
      run.update.startEpoch(past.epoch(), past.step());
    }
    Function<String, float[]> moments = name -> from.take(TrainState.MOMENT + name, size);
    run.update.restore(moments, from.next().step(), run.vector);
    rounds.restore(from.takeShardStates());
    return run.finish();
  }

  private void requireData(Rounds rounds) {
    if (rounds.windows() < 1) {
      boolean words = network.spec().head() instanceof HeadSpec.Vocabulary;
      String item = words ? "token with a successor" : "sequence";
      throw new IllegalArgumentException(
          "the training data has no " + item + ": nothing to train on");
    }
  }

  /** Returns the threads of an update; the workers wait meanwhile, so all cores are free. */
  private int threads() {
    int cores = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    return Math.max(1, Math.min(cores, Slices.count(network.layout().size()) / SLICES_A_THREAD));
  }

  /** One training at work: the parameters, their update, and what is known of its epochs. */
  private final class Run {
    private final Rounds rounds;
    private final List<TrainListener> listeners;

    /** The vector that rounds take: the parameters, and behind them what else is averaged. */
    private final float[] vector;

    private final float[] best;
    private final RoundStep update;
    private final ScheduleSpec.LearningRate learningRate;
    private final List<EpochMetrics> epochs = new ArrayList<>();
    private RoundSums runSums = new RoundSums();
    private RoundSums epochSums = new RoundSums();
    private int bestEpoch;
    private Window next = new Window(0, 0, 0);

    /**
     * Makes a training before its first round.
     *
     * @param params where it starts; owned from here on
     * @param best those of the best epoch, likewise; before the first the same numbers
     */
    Run(Rounds rounds, float[] params, float[] best, List<TrainListener> listeners) {
      this.rounds = rounds;
      this.listeners = listeners;
      this.best = best;
      int floats = spec.round().floats(params.length, spec.optimizer());
      vector = floats == params.length ? params : Arrays.copyOf(params, floats);
      Team team = new Team(threads());
      update =
          spec.round().isLocal()
              ? new AverageStep(params.length, spec.optimizer().kind().moments(), team)
              : new UpdateStep(spec, network.layout(), team);
      long steps = spec.round().steps(spec.epochs(), rounds.windows());
      learningRate = spec.schedule().new LearningRate(spec.optimizer().lr(), steps);
    }

    /** Returns what rounds take to evaluate the best parameters. */
    private float[] bestVector() {
      return best.length == vector.length ? best : Arrays.copyOf(best, vector.length);
    }

    /** Returns the parameters: the array itself where there is nothing behind them. */
    private float[] params() {
      int size = network.layout().size();
      return vector.length == size ? vector : Arrays.copyOf(vector, size);
    }

    /** Returns all that {@link #resume} needs, made of the arrays themselves. */
    private TrainState state() {
      Map<String, float[]> vectors = new LinkedHashMap<>();
      vectors.put(TrainState.PARAMS, params());
      if (bestEpoch > 0) {
        vectors.put(TrainState.BEST, best);
      }
      Map<String, float[]> moments = update.moments(vector);
      moments.forEach((name, moment) -> vectors.put(TrainState.MOMENT + name, moment));
      List<float[]> states = rounds.states();
      for (int s = 0; s < states.size(); s++) {
        vectors.put(TrainState.STATE + s, states.get(s));
      }
      return new TrainState(next, epochSums, runSums, List.copyOf(epochs), vectors);
    }

    /** Trains from where it is to the end. */
    TrainResult finish() {
      float[] start = params();
      listeners.forEach(listener -> listener.started(rounds.windows(), start));
      if (next.step() > 0) {
        listeners.forEach(listener -> listener.resumed(next, List.copyOf(epochs)));
      }
      while (ending() == null) {
        long step = next.step();
        RoundMetrics round = round(next);
        if (round != null) {
          step = round.step();
          epochSums.add(round);
          runSums.add(round);
          listeners.forEach(listener -> listener.round(round));
        }
        if (next.index() + 1 < rounds.windows()) {
          next = new Window(next.epoch(), next.index() + 1, step);
        } else {
          next = new Window(next.epoch() + 1, 0, step);
          endEpoch(next.epoch());
        }
        listeners.forEach(listener -> listener.pause(next.step(), this::state));
      }
      Ending ending = ending();
      if (next.index() > 0) {
        endEpoch(next.epoch() + 1);
      }
      return result(ending);
    }

    /** Returns why there is no next round; null if there is one. */
    private Ending ending() {
      if (next.epoch() == spec.epochs()) {
        return Ending.EPOCHS;
      }
      if (spec.patience() > 0 && epochs.size() - bestEpoch >= spec.patience()) {
        return Ending.PATIENCE;
      }
      return spec.maxSteps() > 0 && next.step() >= spec.maxSteps() ? Ending.MAX_STEPS : null;
    }

    /** Makes a round; null where no shard had anything in the window, which is no round then. */
    private RoundMetrics round(Window window) {
      long start = System.nanoTime();
      WeightedSum sum = rounds.gradient(window, vector);
      Loss loss = sum.loss();
      if (loss.weight() == 0) {
        return null;
      }
      double norm = update.takeMean(sum, vector);
      double lr = learningRate.at(spec.round().firstStep(window));
      if (!TrainingDivergedException.isSound(loss) || !Double.isFinite(norm)) {
        throw new TrainingDivergedException(window, rounds, loss.mean(), norm, lr);
      }
      update.apply(vector, norm, lr);
      RoundTimes times = rounds.times();
      double seconds = (System.nanoTime() - start) / 1e9;
      return new RoundMetrics(
          window.epoch() + 1,
          window.index() + 1,
          rounds.windows(),
          window.step() + 1,
          loss,
          lr,
          norm,
          times.withStep(Math.max(0, seconds - times.seconds())));
    }

    /** Ends an epoch, counted from 1, after some of its windows or all. */
    private void endEpoch(int epoch) {
      long before = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).step();
      int windows = Math.toIntExact(next.step() - before);
      if (windows == 0) {
        throw new IllegalStateException("epoch " + epoch + " has no scored token");
      }
      Evaluation valid = rounds.evaluate(Split.VALID, vector);
      double figure = valid.loss().weight() > 0 ? score.applyAsDouble(valid.sums()) : Double.NaN;
      EpochMetrics metrics =
          epochSums.metrics(epoch, next.step(), windows, orNull(valid.loss()), figure);
      if (!TrainingDivergedException.isSound(metrics.watched())) {
        throw new TrainingDivergedException(metrics);
      }
      boolean improved = isBest(metrics);
      if (improved) {
        System.arraycopy(vector, 0, best, 0, best.length);
      }
      epochSums = new RoundSums();
      update.startEpoch(epoch, next.step());
      float[] reached = params();
      listeners.forEach(listener -> listener.epoch(metrics, improved, reached));
    }

    /** Takes in an epoch; returns whether it is the best so far. */
    private boolean isBest(EpochMetrics metrics) {
      boolean improved = bestEpoch == 0 || metrics.isBetterThan(epochs.get(bestEpoch - 1));
      epochs.add(metrics);
      learningRate.observe(metrics.regret());
      if (improved) {
        bestEpoch = metrics.epoch();
      }
      return improved;
    }

    private static Loss orNull(Loss loss) {
      return loss.weight() > 0 ? loss : null;
    }

    private TrainResult result(Ending ending) {
      return new TrainResult(
          best,
          List.copyOf(epochs),
          bestEpoch,
          orNull(rounds.evaluate(Split.TEST, bestVector()).loss()),
          next.step(),
          runSums.steadyPerSecond(),
          ending);
    }
  }
}
