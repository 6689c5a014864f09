// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.nn.Param;

/**
 * Penalties added to the mean loss, {@code l1 sum |w| + l2/2 sum w^2} over the weights; biases and
 * states are left alone.
 *
 * @param l1 factor of the sum of absolute weights
 * @param l2 factor of half the sum of squared weights
 * @param recurrentOnly whether only the recurrent matrices are penalised
 */
public record PenaltySpec(double l1, double l2, boolean recurrentOnly) implements Serializable {
  /** The specification without a penalty. */
  public static final PenaltySpec NONE = new PenaltySpec(0, 0, false);

  public PenaltySpec {
    Checks.notNegative("l1", l1);
    Checks.notNegative("l2", l2);
  }

  /** Returns whether parameters of this role are penalised. */
  boolean appliesTo(Param.Role role) {
    boolean penalised = recurrentOnly ? role == Param.Role.RECURRENT_WEIGHT : role.isWeight();
    return penalised && (l1 != 0 || l2 != 0);
  }
}
