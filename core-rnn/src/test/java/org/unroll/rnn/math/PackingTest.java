// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackingTest {

  private static Packing of(int... lengths) {
    Packing packing = new Packing();
    packing.set(lengths, lengths.length);
    return packing;
  }

  @Test
  void steps_follow_each_other_with_the_rows_that_reach_them() {
    Packing packing = of(3, 2, 2, 1, 0);
    assertThat(packing.rows()).isEqualTo(5);
    assertThat(packing.steps()).isEqualTo(3);
    assertThat(packing.positions()).isEqualTo(8);
    assertThat(packing.rowsAt(0)).isEqualTo(4);
    assertThat(packing.rowsAt(1)).isEqualTo(3);
    assertThat(packing.rowsAt(2)).isEqualTo(1);
    assertThat(packing.at(1)).isEqualTo(4);
    assertThat(packing.lastOf(0)).isEqualTo(7);
    assertThat(packing.lastOf(2)).isEqualTo(6);
    assertThat(packing.lastOf(3)).isEqualTo(3);
  }

  @Test
  void the_mirror_reads_every_sequence_from_its_end_and_is_its_own_inverse() {
    Packing packing = of(3, 2, 2, 1);
    float[] x = {0, 1, 2, 3, 10, 11, 12, 20};
    float[] mirrored = new float[8];
    packing.mirror(x, 0, mirrored, 0, 1);
    assertThat(mirrored).containsExactly(20, 11, 12, 3, 10, 1, 2, 0);
    float[] back = new float[8];
    packing.mirror(mirrored, 0, back, 0, 1);
    assertThat(back).isEqualTo(x);
  }

  @Test
  void a_smaller_set_after_a_larger_one_leaves_no_trace() {
    Packing packing = of(9, 8, 7);
    packing.set(new int[] {2, 1}, 2);
    assertThat(packing.positions()).isEqualTo(3);
    assertThat(packing.steps()).isEqualTo(2);
    assertThat(Arrays.copyOf(packing.mirror(), 3)).containsExactly(2, 1, 0);
  }

  @Test
  void there_may_be_no_sequence_or_no_step() {
    assertThat(of().positions()).isZero();
    assertThat(of(0, 0).positions()).isZero();
    assertThat(of(0, 0).rows()).isEqualTo(2);
  }

  @Test
  void sequences_in_another_order_are_refused() {
    assertThatThrownBy(() -> of(2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequences must come longest first, but number 1 has 3 steps after one of 2");
  }
}
