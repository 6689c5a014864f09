// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.RoundTimes;

class BestKeeperTest {
  private final AtomicLong now = new AtomicLong();
  private final List<String> written = new ArrayList<>();
  private int epochs;

  /** Writing takes 100 ns. */
  private final ModelFiles.BestKeeper keeper =
      new ModelFiles.BestKeeper(
          (epochs, params) -> {
            now.addAndGet(100);
            written.add(epochs.size() + ":" + params[0]);
          },
          now::get);

  private void epoch(long duration, boolean best, float[] params) {
    now.addAndGet(duration);
    Loss loss = new Loss(1, 1);
    keeper.epoch(
        new EpochMetrics(++epochs, 1, loss, loss, 1, 1, 1, 1, RoundTimes.NONE, Double.NaN),
        best,
        params);
  }

  @Test
  void after_long_epochs_every_improvement_is_written() {
    epoch(5000, true, new float[] {1});
    epoch(5000, true, new float[] {2});
    epoch(5000, false, new float[] {3});
    epoch(5000, true, new float[] {4});
    assertThat(written).containsExactly("1:1.0", "2:2.0", "4:4.0");
  }

  @Test
  void after_short_epochs_the_best_is_written_later() {
    float[] params = {1};
    epoch(10, true, params);
    for (int i = 2; i <= 50; i++) {
      params[0] = i;
      epoch(10, true, params);
    }
    assertThat(written).containsExactly("1:1.0");
    params[0] = 51;
    epoch(1000, false, params);
    assertThat(written).containsExactly("1:1.0", "50:50.0");
    epoch(5000, false, params);
    assertThat(written).hasSize(2);
  }
}
