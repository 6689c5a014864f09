// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PeakMemoryTest {
  @Test
  void a_systems_own_count_is_read_in_its_unit() {
    assertThat(
            PeakMemory.highWaterMark(List.of("Name:\tjava", "VmHWM:\t    2048 kB", "VmRSS: 7 kB")))
        .hasValue(2 << 20);
    assertThat(PeakMemory.highWaterMark(List.of("Name:\tjava"))).isEmpty();
  }

  @Test
  void memory_that_was_used_counts_however_it_is_found() {
    byte[] block = new byte[64 << 20];
    assertThat(PeakMemory.bytes()).isGreaterThan(block.length);
    assertThat(PeakMemory.ofMachine()).isGreaterThan(block.length);
  }
}
