// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void ticks_are_round_and_hold_all_values() {
    Axis axis = Axis.over(1.34, 2.71, 5);
    assertThat(axis.ticks())
        .extracting(t -> t.toPlainString())
        .containsExactly("1.0", "1.5", "2.0", "2.5", "3.0");
    assertThat(axis.position(1.0)).isZero();
    assertThat(axis.position(3.0)).isEqualTo(1);
  }

  @Test
  void one_value_has_an_axis_too() {
    Axis axis = Axis.over(0.002, 0.002, 4);
    assertThat(axis.min()).isLessThanOrEqualTo(0.002);
    assertThat(axis.max()).isGreaterThan(axis.min());
    assertThat(axis.position(0.002)).isBetween(0.0, 1.0);
  }

  @Test
  void epochs_are_counted_in_whole_steps() {
    assertThat(Axis.counting(1, 13, 14).ticks()).hasSize(13);
    assertThat(Axis.counting(1, 100, 10).ticks())
        .extracting(t -> t.intValue())
        .startsWith(10, 20)
        .endsWith(100);
    assertThat(Axis.counting(1, 1, 10).ticks()).hasSize(1);
  }
}
