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
import org.unroll.rnn.train.Window;

class BestKeeperTest {
  private final AtomicLong now = new AtomicLong();
  private final List<String> written = new ArrayList<>();

  /** The pages: the best epoch of how many. */
  private final List<String> shown = new ArrayList<>();

  private int epochs;

  /** Writing takes 100 ns. */
  private final BestKeeper keeper =
      new BestKeeper(
          new BestKeeper.Files() {
            @Override
            public void keep(List<EpochMetrics> epochs, int kept, float[] params) {
              now.addAndGet(100);
              written.add(kept + ":" + params[0]);
              shown.add("%s of %s".formatted(kept, epochs.size()));
            }

            @Override
            public void show(List<EpochMetrics> epochs, int best, float[] params) {
              now.addAndGet(100);
              shown.add("%s of %s".formatted(best, epochs.size()));
            }
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

  @Test
  void epochs_that_bring_nothing_better_are_shown_every_two_seconds() {
    long second = 1_000_000_000;
    epoch(second, true, new float[] {1});
    epoch(second, false, new float[] {2});
    epoch(second, false, new float[] {3});
    epoch(second, false, new float[] {4});
    epoch(3 * second, false, new float[] {5});
    epoch(second, true, new float[] {6});
    assertThat(shown).containsExactly("1 of 1", "1 of 3", "1 of 5", "6 of 6");
    assertThat(written).containsExactly("1:1.0", "6:6.0");
  }

  @Test
  void a_training_that_goes_on_knows_its_best_epoch() {
    BestKeeper second =
        new BestKeeper(
            new BestKeeper.Files() {
              @Override
              public void keep(List<EpochMetrics> all, int kept, float[] params) {
                throw new AssertionError();
              }

              @Override
              public void show(List<EpochMetrics> all, int best, float[] params) {
                shown.add("%s of %s".formatted(best, all.size()));
              }
            },
            now::get);
    second.resumed(new Window(3, 0, 30), List.of(metrics(1, 3), metrics(2, 1), metrics(3, 2)));
    second.epoch(metrics(4, 5), false, new float[1]);
    assertThat(shown).containsExactly("2 of 4");
  }

  private static EpochMetrics metrics(int epoch, double loss) {
    return new EpochMetrics(
        epoch,
        10L * epoch,
        new Loss(loss, 1),
        new Loss(loss, 1),
        1,
        1,
        1,
        1,
        RoundTimes.NONE,
        Double.NaN);
  }
}
