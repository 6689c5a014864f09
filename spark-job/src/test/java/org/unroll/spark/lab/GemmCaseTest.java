// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.lab.GemmCase.Form;

class GemmCaseTest {
  private static final int M = 5;
  private static final int N = 37;
  private static final int K = 11;

  @Test
  void a_shape_has_all_forms() {
    assertThat(GemmCase.parse("256x2048x512"))
        .extracting(product -> product.work().name())
        .containsExactly(
            "256x2048x512 forward", "256x2048x512 accumulate", "256x2048x512 weight-gradient");
    assertThat(GemmCase.parse("2x3x4").get(0).work().flops()).isEqualTo(48);
    assertThat(GemmCase.parse("tile"))
        .extracting(tile -> tile.work().name())
        .containsExactly("240x64x256 tile");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3x4", "3x4x5x6", "0x4x5", "3x-4x5", "axbxc", "3x4x9999999999"})
  void anything_else_is_refused(String shape) {
    assertThatThrownBy(() -> GemmCase.parse(shape))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'" + shape + "'")
        .hasMessageContaining("MxNxK")
        .hasMessageContaining("256x2048x512");
  }

  @ParameterizedTest
  @EnumSource(value = Form.class, mode = EnumSource.Mode.EXCLUDE, names = "TILE")
  void a_form_is_what_it_says(Form form) {
    GemmCase.Product step = new GemmCase.Product(new GemmCase(M, N, K, form));
    step.run();
    step.run();
    int times = form == Form.FORWARD ? 1 : 2;
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int p = 0; p < K; p++) {
          int a = form == Form.WEIGHT_GRADIENT ? p * M + i : i * K + p;
          sum += uniform(a, 1) * uniform(p * N + j, 2);
        }
        assertThat(step.result()[i * N + j]).isCloseTo((float) (times * sum), within(1e-5f));
      }
    }
  }

  private static double uniform(int position, long key) {
    return RandomBits.uniform(key, position) - 0.5;
  }
}
