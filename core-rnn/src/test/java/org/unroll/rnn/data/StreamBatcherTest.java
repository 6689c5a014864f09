// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamBatcherTest {

  /** Ids are positions plus this, so that neither padding nor masks look like a token. */
  private static final int FIRST_ID = 100;

  private static StreamBatcher batcher(StreamPlan plan, int shard) {
    int from = (int) plan.firstToken(shard);
    int[] tokens = new int[(int) plan.endToken(shard) - from];
    Arrays.setAll(tokens, i -> FIRST_ID + from + i);
    return new StreamBatcher(plan, shard, TokenRun.of(tokens));
  }

  @Test
  void windows_continue_each_row_and_the_last_ones_are_partial() {
    StreamBatcher batcher = batcher(new StreamPlan(12, 2, 1, 3), 0); // 11 pairs: rows of 5 and 6
    Batch batch = new Batch();

    batcher.fill(0, batch);
    assertThat(batch.steps()).isEqualTo(3);
    assertThat(batch.rows()).isEqualTo(2);
    assertThat(batch.isFull()).isTrue();
    assertThat(batch.inputs()).startsWith(100, 105, 101, 106, 102, 107);
    assertThat(batch.targets()).startsWith(101, 106, 102, 107, 103, 108);

    batcher.fill(1, batch);
    assertThat(batch.steps()).isEqualTo(3);
    assertThat(batch.lengths()).startsWith(2, 3);
    assertThat(batch.inputs()).startsWith(103, 108, 104, 109, 0, 110);
    assertThat(batch.targets()).startsWith(104, 109, 105, 110, Batch.MASKED, 111);
    assertThat(batcher.windows()).isEqualTo(2);
  }

  @Test
  void every_pair_is_used_exactly_once_in_the_order_of_its_row() {
    for (int tokens = 0; tokens <= 20; tokens++) {
      for (int rows = 1; rows <= 7; rows++) {
        for (int shards = 1; shards <= 9; shards++) {
          for (int window = 1; window <= 4; window++) {
            checkEveryPairOnce(new StreamPlan(tokens, rows, shards, window));
          }
        }
      }
    }
  }

  private static void checkEveryPairOnce(StreamPlan plan) {
    List<Integer> inputs = new ArrayList<>();
    for (int s = 0; s < plan.shards(); s++) {
      StreamBatcher batcher = batcher(plan, s);
      assertThat(batcher.windows()).isEqualTo(plan.windows());
      assertThat(batcher.rows()).isEqualTo(plan.rowsOf(s));
      List<List<Integer>> perRow = new ArrayList<>();
      for (int b = 0; b < batcher.rows(); b++) {
        perRow.add(new ArrayList<>());
      }
      Batch batch = new Batch();
      for (int w = 0; w < batcher.windows(); w++) {
        batcher.fill(w, batch);
        collect(plan, batch, perRow);
      }
      perRow.forEach(inputs::addAll);
    }
    List<Integer> all = new ArrayList<>();
    for (int p = 0; p < plan.pairs(); p++) {
      all.add(FIRST_ID + p);
    }
    assertThat(inputs).as("%s", plan).isEqualTo(all);
  }

  private static void collect(StreamPlan plan, Batch batch, List<List<Integer>> perRow) {
    int longest = 0;
    for (int b = 0; b < batch.rows(); b++) {
      longest = Math.max(longest, batch.lengths()[b]);
      for (int t = 0; t < batch.steps(); t++) {
        int at = t * batch.rows() + b;
        if (t < batch.lengths()[b]) {
          perRow.get(b).add(batch.inputs()[at]);
          assertThat(batch.targets()[at]).isEqualTo(batch.inputs()[at] + 1);
        } else {
          assertThat(batch.inputs()[at]).isZero();
          assertThat(batch.targets()[at]).isEqualTo(Batch.MASKED);
        }
      }
    }
    assertThat(batch.steps()).isEqualTo(longest).isLessThanOrEqualTo(plan.window());
  }

  @Test
  void fewer_pairs_than_rows_leave_rows_empty() {
    StreamBatcher batcher = batcher(new StreamPlan(3, 5, 1, 4), 0); // 2 pairs
    Batch batch = new Batch();
    batcher.fill(0, batch);
    assertThat(batch.steps()).isEqualTo(1);
    assertThat(Arrays.copyOf(batch.lengths(), 5)).containsExactly(0, 0, 1, 0, 1);
    assertThat(Arrays.copyOf(batch.inputs(), 5)).containsExactly(0, 0, 100, 0, 101);
    assertThat(Arrays.copyOf(batch.targets(), 5)).containsExactly(-1, -1, 101, -1, 102);
  }

  @Test
  void a_shard_without_rows_has_empty_windows() {
    StreamPlan plan = new StreamPlan(10, 2, 3, 4);
    assertThat(plan.rowsOf(0)).isZero();
    StreamBatcher batcher = batcher(plan, 0);
    Batch batch = new Batch();
    batch.reshape(2, 2);
    batcher.fill(1, batch);
    assertThat(batch.rows()).isZero();
    assertThat(batch.steps()).isZero();
  }

  @Test
  void a_shard_whose_rows_have_ended_has_a_window_without_steps() {
    StreamPlan plan = new StreamPlan(6, 2, 2, 2); // 5 pairs: rows of 2 and 3, so 2 windows
    Batch batch = new Batch();
    batcher(plan, 0).fill(1, batch);
    assertThat(batch.rows()).isEqualTo(1);
    assertThat(batch.steps()).isZero();
    batcher(plan, 1).fill(1, batch);
    assertThat(batch.steps()).isEqualTo(1);
  }

  @Test
  void a_single_token_has_no_window() {
    StreamBatcher batcher = batcher(new StreamPlan(1, 3, 2, 4), 1);
    assertThat(batcher.windows()).isZero();
    assertThatThrownBy(() -> batcher.fill(0, new Batch())).hasMessageContaining("[0, 0)");
  }

  @Test
  void a_window_longer_than_the_data_is_one_window() {
    StreamBatcher batcher = batcher(new StreamPlan(4, 1, 1, Integer.MAX_VALUE), 0);
    Batch batch = new Batch();
    batcher.fill(0, batch);
    assertThat(batcher.windows()).isEqualTo(1);
    assertThat(batch.steps()).isEqualTo(3);
  }

  @Test
  void filling_a_window_again_gives_the_same_after_a_larger_one() {
    StreamBatcher batcher = batcher(new StreamPlan(12, 2, 1, 4), 0);
    Batch fresh = new Batch();
    batcher.fill(1, fresh);
    Batch reused = new Batch();
    batcher.fill(0, reused);
    batcher.fill(1, reused);
    int size = fresh.steps() * fresh.rows();
    assertThat(Arrays.copyOf(reused.inputs(), size)).isEqualTo(Arrays.copyOf(fresh.inputs(), size));
    assertThat(Arrays.copyOf(reused.targets(), size))
        .isEqualTo(Arrays.copyOf(fresh.targets(), size));
  }

  /** Tokens that are their own positions, too many to be in memory. */
  private record Positions(long tokens, List<String> cursors) implements TokenRun {
    @Override
    public TokenRun.Cursor cursor(long from, long to) {
      cursors.add("[" + from + ", " + to + ")");
      return (at, count, into) -> {
        assertThat(at).isBetween(from, to - count);
        for (int i = 0; i < count; i++) {
          into[i] = (int) ((at + i) % 1_000_000_007L);
        }
      };
    }
  }

  @Test
  void rows_of_a_run_that_no_array_could_hold_are_read_piece_by_piece_from_anywhere() {
    StreamPlan plan = new StreamPlan(10_000_000_001L, 4, 2, 100);
    List<String> cursors = new ArrayList<>();
    StreamBatcher batcher = new StreamBatcher(plan, 1, new Positions(5_000_000_001L, cursors));
    assertThat(cursors).containsExactly("[0, 2500000001)", "[2500000000, 5000000001)");
    Batch batch = new Batch();
    batcher.fill(24_999_999, batch);
    assertThat(batch.steps()).isEqualTo(100);
    assertThat(batch.inputs()[0]).isEqualTo((int) (2_499_999_900L % 1_000_000_007L));
    assertThat(batch.targets()[1]).isEqualTo((int) (4_999_999_901L % 1_000_000_007L));
    batcher.fill(0, batch);
    assertThat(batch.inputs()[0]).isZero();
    assertThat(batch.targets()[0]).isEqualTo(1);
  }

  @Test
  void the_wrong_number_of_tokens_is_refused_with_both_numbers() {
    StreamPlan plan = new StreamPlan(12, 2, 2, 3);
    assertThatThrownBy(() -> new StreamBatcher(plan, 1, TokenRun.of(new int[4])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7 tokens [5, 12)")
        .hasMessageContaining("given 4");
  }
}
