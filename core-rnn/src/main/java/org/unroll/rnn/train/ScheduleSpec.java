// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * How the learning rate changes over a run.
 *
 * @param kind the rule
 * @param factor what the rate is multiplied with (STEP, EXPONENTIAL, PLATEAU), or the final
 *     fraction (COSINE)
 * @param every STEP: epochs between two multiplications; PLATEAU: epochs without improvement before
 *     one
 * @param after STEP, EXPONENTIAL: the first epochs that keep the full rate (Zaremba et al. 2014: 4
 *     of 13)
 * @param warmup rounds in which the rate rises linearly from 0, before the rule counts
 */
public record ScheduleSpec(Kind kind, double factor, int every, int after, long warmup) {
  /** The rules, by PyTorch's names for them. */
  public enum Kind {
    CONSTANT,
    /** {@code lr * factor^floor(epochs past 'after' / every)}. */
    STEP,
    /** {@code lr * factor^(epochs past 'after')}, one multiplication an epoch. */
    EXPONENTIAL,
    /**
     * From lr to {@code factor * lr} along half a cosine over the run (Loshchilov and Hutter 2017).
     */
    COSINE,
    /** Multiplied when the validation loss has not improved for {@code every} epochs. */
    PLATEAU
  }

  public static final ScheduleSpec CONSTANT = new ScheduleSpec(Kind.CONSTANT, 1, 1, 0, 0);
}
