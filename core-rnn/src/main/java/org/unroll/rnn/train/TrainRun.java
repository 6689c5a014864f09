// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.nn.ParamLayout;

/** What changes in the course of one training. */
final class TrainRun {
  /** More threads than this would only wait for the memory. */
  private static final int MAX_THREADS = 4;

  private final TrainSpec spec;
  private final Rounds rounds;
  private final TrainListener listener;
  private final float[] params;
  private final float[] best;
  private final UpdateStep update;
  private final LearningRate learningRate;
  private final List<EpochMetrics> epochs = new ArrayList<>();
  private final Throughput throughput = new Throughput();
  private int bestEpoch;
  private long step;

  TrainRun(
      ParamLayout layout, TrainSpec spec, Rounds rounds, float[] params, TrainListener listener) {
    this.spec = spec;
    this.rounds = rounds;
    this.listener = listener;
    this.params = params;
    this.best = params.clone();
    this.update = new UpdateStep(spec, layout, new Team(threads()));
    long length = (long) spec.epochs() * rounds.windows();
    this.learningRate = new LearningRate(spec.schedule(), spec.optimizer().lr(), length);
  }

  /** The workers wait meanwhile, so all cores are free for the update. */
  private static int threads() {
    return Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
  }

  boolean hasPatience() {
    return spec.patience() == 0 || epochs.size() - bestEpoch < spec.patience();
  }

  void epoch(int epoch) {
    Loss train = Loss.ZERO;
    double norms = 0;
    double lr = 0;
    Throughput epochThroughput = new Throughput();
    for (int index = 0; index < rounds.windows(); index++) {
      RoundMetrics round = round(new Window(epoch, index, step));
      train = train.plus(round.loss());
      norms += round.gradientNorm();
      lr = round.lr();
      throughput.add(round.loss().weight(), round.seconds());
      epochThroughput.add(round.loss().weight(), round.seconds());
      listener.round(round);
    }
    finish(
        new EpochMetrics(
            epoch + 1,
            step,
            train,
            heldOut(Split.VALID, params),
            lr,
            norms / rounds.windows(),
            epochThroughput.seconds(),
            epochThroughput.perSecond()));
  }

  private RoundMetrics round(Window window) {
    long start = System.nanoTime();
    WeightedSum sum = rounds.gradient(window, params);
    Loss loss = sum.loss();
    if (!(loss.weight() > 0)) {
      throw new IllegalStateException(
          "window " + window.index() + " of " + rounds.windows() + " has no scored token");
    }
    double norm = update.takeMean(sum, params);
    double lr = learningRate.at(window);
    if (!Double.isFinite(loss.mean()) || !Double.isFinite(norm)) {
      throw new TrainingDivergedException(window, rounds.windows(), loss.mean(), norm, lr);
    }
    update.apply(params, sum, norm, lr);
    step++;
    return new RoundMetrics(
        window.epoch() + 1,
        window.index() + 1,
        rounds.windows(),
        step,
        loss,
        lr,
        norm,
        (System.nanoTime() - start) / 1e9);
  }

  private void finish(EpochMetrics metrics) {
    double loss = metrics.watched().mean();
    if (!Double.isFinite(loss)) {
      throw new TrainingDivergedException(metrics.epoch(), loss, metrics.lr());
    }
    boolean improved = bestEpoch == 0 || loss < epochs.get(bestEpoch - 1).watched().mean();
    epochs.add(metrics);
    learningRate.observe(loss);
    if (improved) {
      bestEpoch = metrics.epoch();
      System.arraycopy(params, 0, best, 0, params.length);
    }
    listener.epoch(metrics, improved, params);
  }

  /** The loss over a split, or null if there is none. */
  private Loss heldOut(Split split, float[] at) {
    Loss loss = rounds.evaluate(split, at);
    return loss.weight() > 0 ? loss : null;
  }

  TrainResult result() {
    return new TrainResult(
        best,
        List.copyOf(epochs),
        bestEpoch,
        heldOut(Split.TEST, best),
        step,
        throughput.steadyPerSecond());
  }
}
