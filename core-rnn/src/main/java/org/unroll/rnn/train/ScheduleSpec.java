// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;

/**
 * A schedule of the learning rate over a run.
 *
 * @param kind the rule
 * @param factor what the rate is multiplied with (STEP, EXPONENTIAL, PLATEAU), or the final
 *     fraction (COSINE)
 * @param every STEP: epochs between two multiplications; PLATEAU: epochs without improvement before
 *     one
 * @param after STEP, EXPONENTIAL: the first epochs that keep the full rate (Zaremba et al. 2014: 4
 *     of 13); 0 for PyTorch's count, which is {@code every} for STEP and 1 for EXPONENTIAL
 * @param warmup rounds in which the rate rises linearly to what the rule says, 0 for none; COSINE
 *     begins behind them
 */
public record ScheduleSpec(Kind kind, double factor, int every, int after, long warmup)
    implements Serializable {
  /** The schedule that keeps the same rate from the first round to the last. */
  public static final ScheduleSpec CONSTANT = new ScheduleSpec(Kind.CONSTANT, 1, 1, 0, 0);

  /** The rules, by PyTorch's names for them. */
  public enum Kind {
    /** The rate stays. */
    CONSTANT,
    /**
     * The rate is multiplied when the first {@code after} epochs are over, and every {@code every}
     * epochs from then.
     */
    STEP,
    /**
     * The rate is multiplied when the first {@code after} epochs are over, and at every epoch from
     * then.
     */
    EXPONENTIAL,
    /**
     * The rate goes from lr to {@code factor * lr} along half a cosine over the run (Loshchilov and
     * Hutter 2017, "SGDR").
     */
    COSINE,
    /**
     * The rate is multiplied when the validation loss (without validation data: the training loss)
     * has not improved for {@code every} epochs.
     */
    PLATEAU
  }

  public ScheduleSpec {
    Checks.present("lr-schedule", kind);
    if (!(factor >= 0 && factor <= 1) || (factor == 0 && kind != Kind.COSINE)) {
      throw new IllegalArgumentException(
          "lr-factor must be in %s but was %s"
              .formatted(kind == Kind.COSINE ? "[0, 1]" : "(0, 1]", factor));
    }
    Checks.positive("lr-every", every);
    Checks.notNegative("lr-after", after);
    Checks.notNegative("warmup", warmup);
  }

  /** The learning rate of each round of one run. */
  final class LearningRate {
    private final double lr;
    private final long rounds;
    private double plateauFactor = 1;
    private double best = Double.POSITIVE_INFINITY;
    private int epochsWithoutBest;

    /**
     * Makes the rates of a run.
     *
     * @param lr the rate that the schedule changes
     * @param rounds of the whole run, if it is not stopped early
     */
    LearningRate(double lr, long rounds) {
      this.lr = lr;
      this.rounds = rounds;
    }

    /** Returns the rate of a round. */
    double at(Window window) {
      double warm = Math.min(1, (window.step() + 1.0) / Math.max(1, warmup));
      return lr * warm * factorAt(window);
    }

    private double factorAt(Window window) {
      return switch (kind) {
        case CONSTANT -> 1;
        case STEP -> falling(window.epoch(), every);
        case EXPONENTIAL -> falling(window.epoch(), 1);
        case COSINE -> cosine(window.step());
        case PLATEAU -> plateauFactor;
      };
    }

    private double falling(int epoch, int every) {
      int full = after > 0 ? after : every;
      return epoch < full ? 1 : StrictMath.pow(factor, 1 + (epoch - full) / every);
    }

    private double cosine(long step) {
      double afterWarmup = Math.max(0, step - warmup);
      double progress = Math.min(1, afterWarmup / Math.max(1, rounds - warmup));
      return factor + (1 - factor) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
    }

    /** Takes the loss after an epoch, which PLATEAU looks at. */
    void observe(double loss) {
      if (loss < best) {
        best = loss;
        epochsWithoutBest = 0;
      } else if (++epochsWithoutBest == every) {
        plateauFactor *= factor;
        epochsWithoutBest = 0;
      }
    }
  }
}
