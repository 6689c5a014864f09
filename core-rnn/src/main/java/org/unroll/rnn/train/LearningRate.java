// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** The learning rate of each round of one run, by a {@link ScheduleSpec}. */
final class LearningRate {
  private final ScheduleSpec spec;
  private final double base;
  private final long rounds;
  private double plateauFactor = 1;
  private double best = Double.POSITIVE_INFINITY;
  private int epochsWithoutBest;

  /**
   * The rates of a run.
   *
   * @param base the rate that the schedule changes
   * @param rounds of the whole run, if it is not stopped early
   */
  LearningRate(ScheduleSpec spec, double base, long rounds) {
    this.spec = spec;
    this.base = base;
    this.rounds = rounds;
  }

  /** The rate of a round. */
  double at(Window window) {
    double warm = Math.min(1, (window.step() + 1.0) / Math.max(1, spec.warmup()));
    return base * warm * factor(window);
  }

  private double factor(Window window) {
    return switch (spec.kind()) {
      case CONSTANT -> 1;
      case STEP -> falling(window.epoch(), spec.every());
      case EXPONENTIAL -> falling(window.epoch(), 1);
      case COSINE -> cosine(window.step());
      case PLATEAU -> plateauFactor;
    };
  }

  private double falling(int epoch, int every) {
    int full = spec.after() > 0 ? spec.after() : every;
    return epoch < full ? 1 : StrictMath.pow(spec.factor(), 1 + (epoch - full) / every);
  }

  private double cosine(long step) {
    double after = Math.max(0, step - spec.warmup());
    double progress = Math.min(1, after / Math.max(1, rounds - spec.warmup()));
    return spec.factor() + (1 - spec.factor()) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
  }

  /** Takes the loss after an epoch, for PLATEAU. */
  void observe(double loss) {
    if (loss < best) {
      best = loss;
      epochsWithoutBest = 0;
    } else if (++epochsWithoutBest == spec.every()) {
      plateauFactor *= spec.factor();
      epochsWithoutBest = 0;
    }
  }
}
