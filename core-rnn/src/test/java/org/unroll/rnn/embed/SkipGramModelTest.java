// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SkipGramModelTest {
  private static final SkipGramModel MODEL = new SkipGramModel(3, 2);

  /** Where a matrix is whose rows are the centres, and the contexts turned by a right angle. */
  private static float[] sides(float... centres) {
    float[] params = new float[MODEL.layout().size()];
    for (int w = 0; w < 3; w++) {
      float x = centres[2 * w];
      float y = centres[2 * w + 1];
      params[MODEL.centres().offset() + 2 * w] = x;
      params[MODEL.centres().offset() + 2 * w + 1] = y;
      params[MODEL.contexts().offset() + 2 * w] = -7 * y;
      params[MODEL.contexts().offset() + 2 * w + 1] = 7 * x;
    }
    return MODEL.bothSides(params);
  }

  @Test
  void each_side_loses_what_all_have_in_common_and_has_length_one() {
    float[] sides = sides(3, 4, 0, 10, 0.6f, -0.8f);
    // The directions (0.6, 0.8), (0, 1) and (0.6, -0.8) have the mean (0.4, 1/3).
    double[][] centred = {{0.2, 0.8 - 1 / 3.0}, {-0.4, 1 - 1 / 3.0}, {0.2, -0.8 - 1 / 3.0}};
    for (int w = 0; w < 3; w++) {
      double length = Math.hypot(centred[w][0], centred[w][1]);
      float x = (float) (centred[w][0] / length);
      float y = (float) (centred[w][1] / length);
      assertThat(Arrays.copyOfRange(sides, 4 * w, 4 * w + 4))
          .containsExactly(new float[] {x, y, -y, x}, offset(1e-6f));
    }
  }

  @Test
  void a_word_of_which_nothing_is_known_stays_zero() {
    float[] sides = sides(3, 4, 0, 0, 0, 10);
    assertThat(Arrays.copyOfRange(sides, 4, 8)).containsOnly(0, -0f);
    assertThat(sides[0]).isPositive();
  }
}
