// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeakTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000})
  void both_loops_do_the_same_arithmetic(int passes) {
    float scalar = new Kernels().peak(passes);
    assertThat(new VectorKernels().peak(passes)).isEqualTo(scalar);
    assertThat(scalar).isNegative().isFinite();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001})
  void a_limit_is_a_number_of_operations(double seconds) {
    assertThat(Peak.gflops(seconds)).isPositive().isFinite();
  }
}
