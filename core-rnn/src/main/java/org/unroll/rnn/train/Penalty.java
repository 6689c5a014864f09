// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.function.Predicate;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.ParamRole;

/**
 * The gradient of {@code l1 sum |w| + l2/2 sum w^2} over the weights: {@code l1 sign(w) + l2 w},
 * with {@code sign(0) = 0}.
 */
final class Penalty {
  private final float l1;
  private final float l2;

  /** Where the penalised weights begin and end in the flat vector. */
  private final int[] starts;

  private final int[] ends;

  /**
   * On the weights of a layout.
   *
   * @param learned which parameters training changes
   */
  Penalty(PenaltySpec spec, ParamLayout layout, Predicate<Param> learned) {
    l1 = (float) spec.l1();
    l2 = (float) spec.l2();
    List<Param> weights =
        layout.params().stream().filter(p -> learned.test(p) && applies(spec, p)).toList();
    starts = weights.stream().mapToInt(Param::offset).toArray();
    ends = weights.stream().mapToInt(Param::end).toArray();
  }

  private static boolean applies(PenaltySpec spec, Param param) {
    if (spec.l1() == 0 && spec.l2() == 0) {
      return false;
    }
    ParamRole role = param.role();
    return spec.recurrentOnly() ? role == ParamRole.RECURRENT_WEIGHT : role.isWeight();
  }

  /** Whether anything is penalised. */
  boolean isOn() {
    return starts.length > 0;
  }

  /** Adds the gradient at {@code params}, between two indices of the flat vector. */
  void addTo(float[] gradient, float[] params, int from, int to) {
    for (int w = 0; w < starts.length; w++) {
      int end = Math.min(to, ends[w]);
      for (int i = Math.max(from, starts[w]); i < end; i++) {
        gradient[i] += l2 * params[i] + signTimesL1(params[i]);
      }
    }
  }

  /** {@code l1 sign(w)} without a branch, which weights of either sign would mispredict. */
  private float signTimesL1(float w) {
    return Math.max(-l1, Math.min(l1, w * Float.MAX_VALUE));
  }
}
