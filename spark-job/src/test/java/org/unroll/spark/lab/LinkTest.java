// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkTest {
  private static final Link LINK =
      new Link(1e-3, 2e-4, 3e-9, 1e-9, 2e-9, Double.POSITIVE_INFINITY, 0);

  private static Link.Measured measured(
      Link link, int several, double small, double one, double each) {
    return new Link.Measured(
        several,
        link.exchange(1, small),
        link.exchange(several, small),
        link.exchange(1, one),
        link.exchange(several, each),
        link.shared(several, each, each),
        small,
        one,
        each,
        1e-10);
  }

  @Test
  void an_exchange_is_the_sum_of_its_terms() {
    assertThat(LINK.exchange(4, 1e6))
        .isCloseTo(1e-3 + 4 * 2e-4 + 1e6 * (3e-9 + 4 * 1e-9), within(1e-12));
  }

  @Test
  void the_network_counts_where_it_is_slower_than_the_machines() {
    Link slow = LINK.over(1e8, 1e-3);
    assertThat(slow.exchange(4, 1e6))
        .isCloseTo(1e-3 + 4 * 2e-4 + 2 * 1e-3 + 4 * 1e6 / (Link.PAYLOAD * 1e8), within(1e-12));
    assertThat(LINK.over(1e12, 0).exchange(4, 1e6)).isEqualTo(LINK.exchange(4, 1e6));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void what_was_measured_gives_the_costs_back(int several) {
    Link found = Link.fit(measured(LINK, several, 2e3, 4e6, 3e6));
    assertThat(found.roundSeconds()).isCloseTo(1e-3, within(1e-9));
    assertThat(found.messageSeconds()).isCloseTo(2e-4, within(1e-9));
    assertThat(found.workerSecondsPerByte()).isCloseTo(3e-9, within(1e-15));
    assertThat(found.driverSecondsPerByte()).isCloseTo(1e-9, within(1e-15));
    assertThat(found.meshSecondsPerByte()).isCloseTo(2e-9, within(2e-11));
    assertThat(found.bytesPerSecond()).isInfinite();
  }

  @Test
  void noise_makes_no_cost_negative_and_no_byte_cheaper_than_a_copy() {
    Link found =
        Link.fit(new Link.Measured(2, 5e-3, 1e-3, 20e-3, 12e-3, 2e-3, 2e3, 4e6, 4e6, 5e-10));
    assertThat(found.messageSeconds()).isZero();
    assertThat(found.roundSeconds()).isPositive().isLessThanOrEqualTo(5e-3);
    assertThat(found.driverSecondsPerByte()).isEqualTo(5e-10);
    assertThat(found.meshSecondsPerByte()).isEqualTo(5e-10);
    assertThat(found.workerSecondsPerByte()).isPositive();
  }

  @Test
  void two_workers_that_take_more_than_twice_as_long_leave_all_to_the_driver() {
    Link found = Link.fit(new Link.Measured(2, 1e-3, 1e-3, 5e-3, 21e-3, 21e-3, 0, 4e6, 4e6, 1e-10));
    assertThat(found.workerSecondsPerByte()).isZero();
    assertThat(found.exchange(2, 4e6)).isCloseTo(21e-3, within(1e-9));
  }
}
