// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BoundedBatchesTest {
  private static List<List<Integer>> batches(List<Integer> items, int most, long bytes) {
    List<List<Integer>> batches = new ArrayList<>();
    new BoundedBatches<>(items.iterator(), Integer::longValue, most, bytes)
        .forEachRemaining(batches::add);
    return batches;
  }

  @Test
  void a_batch_ends_before_it_is_too_large() {
    assertThat(batches(List.of(4, 3, 3, 2, 9, 1), 10, 10))
        .containsExactly(List.of(4, 3, 3), List.of(2), List.of(9, 1));
    assertThat(batches(List.of(1, 1, 1, 1, 1), 2, 10))
        .containsExactly(List.of(1, 1), List.of(1, 1), List.of(1));
  }

  @Test
  void what_is_too_large_for_any_batch_comes_alone() {
    assertThat(batches(List.of(1, 11, 50, 2, 3), 10, 10))
        .containsExactly(List.of(1), List.of(11), List.of(50), List.of(2, 3));
  }

  @Test
  void of_nothing_there_is_no_batch() {
    assertThat(batches(List.of(), 3, 10)).isEmpty();
    Iterator<List<Integer>> none =
        new BoundedBatches<>(List.<Integer>of().iterator(), Integer::longValue, 3, 10);
    assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void no_more_is_taken_than_a_batch_and_what_ends_it() {
    Iterator<Integer> items = IntStream.range(0, 100).map(i -> 4).iterator();
    new BoundedBatches<>(items, Integer::longValue, 50, 10).next();
    assertThat(items).toIterable().hasSize(97);
  }

  @Test
  void a_batch_of_nothing_is_refused() {
    assertThatThrownBy(() -> batches(List.of(1), 0, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was to hold 0");
  }
}
