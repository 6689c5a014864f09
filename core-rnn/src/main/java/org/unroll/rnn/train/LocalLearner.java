// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.Gradient;

/**
 * Local steps: in a round every shard starts from the same parameters and moments of the optimiser,
 * and makes steps by itself, each along the mean gradient of its own windows, with the penalties,
 * the limits and the rate of the training. Parameters and moments are averaged over the shards,
 * each counting as much as it scored (McMahan et al. 2017, "Communication-Efficient Learning of
 * Deep Networks from Decentralized Data", and Stich 2019, "Local SGD Converges Fast and
 * Communicates Little").
 *
 * <pre>
 *   v(s) = v after the shard's own steps         v: parameters, then each moment
 *   v   -= sum of n(s) (v - v(s)) / sum of n(s)  n(s): the weight of what the shard scored
 * </pre>
 *
 * <p>What a shard contributes in place of a gradient is {@code n(s) (v - v(s))}; {@link
 * AverageStep} does the rest. Differences are sent, and not {@code v(s)}, because they are small:
 * little is lost where they are rounded on their way, and what did not change need not be sent.
 *
 * <p>Moments are averaged rather than kept by each shard, so that a training has one state whatever
 * its shards are: nothing is lost with an executor, and nothing but the sum travels.
 */
final class LocalLearner implements Learner {
  private final RoundSpec round;
  private final NetworkLearner network;
  private final UpdateStep update;
  private final ScheduleSpec.LearningRate rate;
  private final float[] params;
  private final WeightedSum gradient;
  private final int windows;

  /** How many epochs the update knows to have begun. */
  private int begun;

  /** The parameters and moments that all shards start from. */
  private float[] start;

  /**
   * Prepares for the shards of a source.
   *
   * @param windows of an epoch
   * @param learner of the same network and specification
   * @param threads that make a step together; their number changes no bit
   */
  LocalLearner(Network model, TrainSpec spec, NetworkLearner learner, int windows, int threads) {
    round = spec.round();
    network = learner;
    this.windows = windows;
    update = new UpdateStep(spec, model.layout(), new Team(threads));
    rate =
        spec.schedule()
        .new LearningRate(spec.optimizer().lr(), round.steps(spec.epochs(), round.rounds(windows)));
    params = new float[model.layout().size()];
    gradient = new WeightedSum(params.length);
  }

  @Override
  public void load(float[] params) {
    start = params;
  }

  /** Has the next step begin where all shards begin. */
  private void begin() {
    System.arraycopy(start, 0, params, 0, params.length);
    int from = params.length;
    for (float[] moment : update.optimizer().moments().values()) {
      System.arraycopy(start, from, moment, 0, moment.length);
      from += moment.length;
    }
    network.load(params);
  }

  /**
   * Adds what a shard's own steps of a round came to; see above. Steps of which the shard has
   * nothing to score are none.
   */
  @Override
  public void gradient(int shard, Window of, WeightedSum into) {
    begin();
    Loss scored = Loss.ZERO;
    List<Window> all = round.windows(of, windows);
    for (int from = 0; from < all.size(); from += round.accumulate()) {
      int to = Math.min(all.size(), from + round.accumulate());
      Loss loss = step(shard, all.subList(from, to));
      scored = scored.plus(loss);
    }
    if (scored.weight() > 0) {
      addDifference(into.parts(), (float) scored.weight());
      into.add(scored);
    }
  }

  private Loss step(int shard, List<Window> some) {
    gradient.clear();
    some.forEach(window -> network.add(shard, window, gradient));
    Loss loss = gradient.loss();
    if (loss.weight() > 0) {
      Window first = some.get(0);
      int index = first.index() / round.accumulate();
      long stepsOfEpoch = (windows + round.accumulate() - 1L) / round.accumulate();
      long made = first.epoch() * stepsOfEpoch + index;
      long due = first.step() / round.accumulate();
      for (; begun <= first.epoch(); begun++) {
        update.startEpoch(begun, begun * stepsOfEpoch);
      }
      update.optimizer().resumeAfter(made);
      double norm = update.takeMean(gradient, params);
      update.apply(params, norm, rate.at(new Window(first.epoch(), index, due)));
      network.load(params);
    }
    return loss;
  }

  private void addDifference(Gradient into, float weight) {
    addDifference(into, 0, params, weight);
    int from = params.length;
    for (float[] moment : update.optimizer().moments().values()) {
      addDifference(into, from, moment, weight);
      from += moment.length;
    }
  }

  /** Adds the differences of a part of the vector, and leaves out blocks that have none. */
  private void addDifference(Gradient into, int offset, float[] now, float weight) {
    for (int from = 0; from < now.length; ) {
      int block = (offset + from) / Gradient.BLOCK;
      int to = Math.min(now.length, (block + 1) * Gradient.BLOCK - offset);
      if (isChanged(offset, now, from, to)) {
        into.addTo(offset + from, offset + to);
        for (int i = from; i < to; i++) {
          into.values()[offset + i] += weight * (start[offset + i] - now[i]);
        }
      }
      from = to;
    }
  }

  private boolean isChanged(int offset, float[] now, int from, int to) {
    for (int i = from; i < to; i++) {
      if (start[offset + i] != now[i]) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Evaluation evaluate(int shard, Split split) {
    begin();
    return network.evaluate(shard, split);
  }

  @Override
  public float[] state(int shard) {
    return network.state(shard);
  }

  @Override
  public void restore(int shard, float[] state) {
    network.restore(shard, state);
  }
}
