// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;

/**
 * Weight penalties added to the mean loss; biases and states are left alone.
 *
 * @param l1 factor of the sum of absolute weights
 * @param l2 factor of half the sum of squared weights
 * @param recurrentOnly whether only the recurrent matrices are penalised
 */
public record PenaltySpec(double l1, double l2, boolean recurrentOnly) implements Serializable {
  public PenaltySpec {
    Checks.notNegative("l1", l1);
    Checks.notNegative("l2", l2);
  }

  /** No penalty. */
  public static final PenaltySpec NONE = new PenaltySpec(0, 0, false);
}
