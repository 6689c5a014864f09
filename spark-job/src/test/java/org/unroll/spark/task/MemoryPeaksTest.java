// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryPeaksTest {
  @Test
  void processes_are_named_where_there_are_several() {
    assertThat(new TrainJob.Memory(812_000_000, 812_000_000).describe()).isEqualTo("812 MB");
    assertThat(new TrainJob.Memory(812_000_000, 1_100_000_000).describe())
        .isEqualTo("812 MB in the driver, 1.1 GB in the largest worker process");
    assertThat(new TrainJob.Memory(812_000_000, 0).describe()).isEqualTo("812 MB in the driver");
  }
}
