// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.Window;

class ProgressTest {
  private final LivePage page = new LivePage("A training");
  private static final int WINDOWS = 100;

  /** A round of 20 ms. */
  private static final RoundTimes TIMES =
      new RoundTimes(0.0182, 0.0004, 0, 0.0012, 0.0001, 0.0001, 1, 0.0182);

  /** A round of 200 ms. */
  private static final RoundTimes SLOW = new RoundTimes(0.1, 0, 0, 0.1, 0, 0, 1, 0.1);

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicLong now = new AtomicLong();

  private Progress progress(boolean interactive, int width) {
    return new Progress(terminal(interactive, width), page, 2, 0, Measure.LANGUAGE_MODEL, now::get);
  }

  private Terminal terminal(boolean interactive, int width) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new Terminal(stream, stream, interactive, width);
  }

  /** So many rounds of 20 ms with 1000 tokens each. */
  private void train(Progress progress, int rounds) {
    progress.started(WINDOWS, new float[0]);
    for (int step = 1; step <= rounds; step++) {
      now.addAndGet(20_000_000);
      int window = (step - 1) % WINDOWS + 1;
      int epoch = (step - 1) / WINDOWS + 1;
      progress.round(
          new RoundMetrics(epoch, window, WINDOWS, step, new Loss(1642, 1000), 0.002, 0.5, TIMES));
    }
  }

  private String printed() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void a_terminal_sees_one_line_rewritten_ten_times_a_second() {
    train(progress(true, 80), 150);
    assertThat(printed()).doesNotContain("\n");
    String[] lines = printed().split("\r\u001b\\[K");
    assertThat(lines).hasSize(31);
    assertThat(lines[30])
        .isEqualTo("epoch 2/2  round 50/100  loss 1.642  50,000 tokens/s  0:01 left  compute 91%");
  }

  @Test
  void a_log_sees_a_line_every_ten_seconds() {
    train(progress(false, 80), 100);
    assertThat(printed()).isEmpty();
    now.addAndGet(9_000_000_000L);
    train(progress(false, 80), 1);
    assertThat(printed()).isEmpty();
  }

  @Test
  void a_log_line_is_whole() {
    Progress progress = progress(false, 80);
    progress.started(WINDOWS, new float[0]);
    now.addAndGet(11_000_000_000L);
    progress.round(new RoundMetrics(1, 10, WINDOWS, 10, new Loss(1642, 1000), 0.002, 0.5, TIMES));
    assertThat(printed())
        .isEqualTo(
            "epoch 1/2  round 10/100  loss 1.642  50,000 tokens/s  3:29 left  compute 91% wire 6% wait 2%"
                + System.lineSeparator());
  }

  @Test
  void the_time_left_is_that_of_this_process_s_rounds() {
    Progress progress = progress(true, 80);
    progress.started(WINDOWS, new float[0]);
    progress.resumed(new Window(1, 49, 149), Epochs.of(1, 1, true));
    now.addAndGet(30_000_000_000L);
    for (int window = 50; window <= 80; window++) {
      now.addAndGet(200_000_000);
      progress.round(
          new RoundMetrics(
              2, window, WINDOWS, 100 + window, new Loss(1642, 1000), 0.002, 0.5, SLOW));
    }
    assertThat(printed())
        .endsWith("epoch 2/2  round 80/100  loss 1.642  5,000 tokens/s  0:04 left  compute 50%");
  }

  @Test
  void no_time_is_left_for_rounds_that_are_not_allowed() {
    Progress progress =
        new Progress(terminal(false, 80), page, 2, 20, Measure.LANGUAGE_MODEL, now::get);
    progress.started(WINDOWS, new float[0]);
    now.addAndGet(11_000_000_000L);
    progress.round(new RoundMetrics(1, 10, WINDOWS, 10, new Loss(1642, 1000), 0.002, 0.5, TIMES));
    assertThat(printed()).contains("round 10/100", "  0:11 left");
  }

  @Test
  void an_epoch_is_a_line_in_place_of_the_rewritten_one() {
    Progress progress = progress(true, 80);
    train(progress, 100);
    progress.epoch(Epochs.of(1, 1, true).get(0), true, new float[0]);
    assertThat(printed())
        .endsWith(
            "\r\u001b[Kepoch 1/2  train 2.500  valid 1.500  perplexity 4.48  lr 0.002  31,204 tokens/s"
                + "  0:13  best"
                + System.lineSeparator());
  }

  @Test
  void short_epochs_do_not_have_a_line_each() {
    Progress progress =
        new Progress(terminal(false, 80), page, 1000, 0, Measure.LANGUAGE_MODEL, now::get);
    progress.started(1, new float[0]);
    for (EpochMetrics epoch : Epochs.of(1000, 500, true)) {
      now.addAndGet(10_000_000);
      progress.epoch(epoch, true, new float[0]);
    }
    assertThat(printed().lines()).hasSizeBetween(20, 22);
    assertThat(printed()).startsWith("epoch 1/1000 ").contains("epoch 1000/1000 ");
  }

  @Test
  void no_line_is_wider_than_the_terminal() {
    for (int width = 1; width < 120; width++) {
      err.reset();
      train(progress(true, width), 20);
      String last = printed().substring(printed().lastIndexOf("\u001b[K") + 3);
      assertThat(last.length()).as(last).isLessThan(Math.max(1, width));
    }
  }

  @Test
  void the_times_of_a_round_take_the_room_that_is_left() {
    Map<String, Double> parts = TIMES.parts();
    String all = "compute 91% wire 6% wait 2%";
    assertThat(RoundFigures.shares(parts, all.length())).isEqualTo(all);
    assertThat(RoundFigures.shares(parts, all.length() - 1)).isEqualTo("compute 91% wire 6%");
    assertThat(RoundFigures.shares(parts, 18)).isEqualTo("compute 91%");
    assertThat(RoundFigures.shares(parts, 10)).isEmpty();
    assertThat(RoundFigures.shares(RoundTimes.NONE.parts(), 80)).isEmpty();
  }

  @Test
  void what_matters_most_is_left_out_last() {
    List<String> parts = List.of("epoch 1/2", "round 1/9", "loss 2.000", "9 tokens/s", "0:01 left");
    assertThat(Progress.fit(parts, 200)).isEqualTo(String.join("  ", parts));
    assertThat(Progress.fit(parts, 45)).isEqualTo("epoch 1/2  loss 2.000  9 tokens/s  0:01 left");
    assertThat(Progress.fit(parts, 35)).isEqualTo("epoch 1/2  loss 2.000  0:01 left");
    assertThat(Progress.fit(parts, 24)).isEqualTo("epoch 1/2  loss 2.000");
    assertThat(Progress.fit(parts, 5)).isEqualTo("epoch");
  }
}
