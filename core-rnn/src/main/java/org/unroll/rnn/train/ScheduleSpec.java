// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;

/**
 * How the learning rate changes over a run.
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
  /** The rules, by PyTorch's names for them. */
  public enum Kind {
    CONSTANT,
    /**
     * Multiplied when the first {@code after} epochs are over, and every {@code every} from then.
     */
    STEP,
    /** Multiplied when the first {@code after} epochs are over, and at every epoch from then. */
    EXPONENTIAL,
    /**
     * From lr to {@code factor * lr} along half a cosine over the run (Loshchilov and Hutter 2017).
     */
    COSINE,
    /**
     * Multiplied when the validation loss (without validation data: the training loss) has not
     * improved for {@code every} epochs.
     */
    PLATEAU
  }

  public ScheduleSpec {
    Checks.present("lr-schedule", kind);
    if (!(factor >= 0 && factor <= 1) || (factor == 0 && kind != Kind.COSINE)) {
      throw new IllegalArgumentException(
          "lr-factor must be in "
              + (kind == Kind.COSINE ? "[0, 1]" : "(0, 1]")
              + " but was "
              + factor);
    }
    Checks.positive("lr-every", every);
    Checks.notNegative("lr-after", after);
    Checks.notNegative("warmup", warmup);
  }

  /** The same rate from the first round to the last. */
  public static final ScheduleSpec CONSTANT = new ScheduleSpec(Kind.CONSTANT, 1, 1, 0, 0);
}
