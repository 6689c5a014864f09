// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;

class StreamBatcherTest {

  /** Ids are positions plus this, so that no mask looks like a token. */
  private static final int FIRST_ID = 100;

  private static StreamBatcher batcher(StreamPlan plan, int shard) {
    int from = (int) plan.firstToken(shard);
    int[] tokens = new int[(int) plan.endToken(shard) - from];
    Arrays.setAll(tokens, i -> FIRST_ID + from + i);
    return new StreamBatcher(plan, shard, TokenRun.of(tokens));
  }

  @Test
  void windows_continue_each_row_the_longest_first_and_the_last_ones_are_partial() {
    StreamBatcher batcher = batcher(new StreamPlan(12, 2, 1, 3), 0); // 11 pairs: rows of 5 and 6
    Batch batch = Batch.ofStreams();

    batcher.fill(0, batch);
    assertThat(TestNetworks.lengths(batch.packing())).containsExactly(3, 3);
    assertThat(inputs(batch)).containsExactly(105, 100, 106, 101, 107, 102);
    assertThat(targets(batch)).containsExactly(106, 101, 107, 102, 108, 103);

    batcher.fill(1, batch);
    assertThat(TestNetworks.lengths(batch.packing())).containsExactly(3, 2);
    assertThat(inputs(batch)).containsExactly(108, 103, 109, 104, 110);
    assertThat(targets(batch)).containsExactly(109, 104, 110, 105, 111);
    assertThat(batcher.windows()).isEqualTo(2);
    assertThat(batcher.longest()).isEqualTo(3);
  }

  private static int[] inputs(Batch batch) {
    return Arrays.copyOf(batch.tokens(0), batch.packing().positions());
  }

  private static int[] targets(Batch batch) {
    return Arrays.copyOf(batch.labels(), batch.packing().positions());
  }

  @Test
  void rows_of_equal_length_stay_in_the_order_of_the_text() {
    StreamBatcher batcher = batcher(new StreamPlan(12, 4, 1, 9), 0); // rows of 2, 3, 3 and 3 pairs
    Batch batch = Batch.ofStreams();
    batcher.fill(0, batch);
    assertThat(Arrays.copyOf(inputs(batch), 4)).containsExactly(102, 105, 108, 100);
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
      Batch batch = Batch.ofStreams();
      for (int w = 0; w < batcher.windows(); w++) {
        batcher.fill(w, batch);
        assertThat(batch.packing().steps()).isLessThanOrEqualTo(plan.window());
        collect(batch, perRow);
      }
      perRow.removeIf(List::isEmpty);
      perRow.sort(Comparator.comparingInt(row -> row.get(0)));
      perRow.forEach(inputs::addAll);
    }
    List<Integer> all = new ArrayList<>();
    for (int p = 0; p < plan.pairs(); p++) {
      all.add(FIRST_ID + p);
    }
    assertThat(inputs).as("%s", plan).isEqualTo(all);
  }

  private static void collect(Batch batch, List<List<Integer>> perRow) {
    assertThat(batch.rows()).isEqualTo(perRow.size());
    for (int b = 0; b < batch.rows(); b++) {
      for (int t = 0; t < batch.packing().length(b); t++) {
        int at = batch.packing().at(t) + b;
        perRow.get(b).add(batch.tokens(0)[at]);
        assertThat(batch.labels()[at]).isEqualTo(batch.tokens(0)[at] + 1);
      }
    }
  }

  @Test
  void fewer_pairs_than_rows_leave_rows_empty() {
    StreamBatcher batcher = batcher(new StreamPlan(3, 5, 1, 4), 0); // 2 pairs
    Batch batch = Batch.ofStreams();
    batcher.fill(0, batch);
    assertThat(TestNetworks.lengths(batch.packing())).containsExactly(1, 1, 0, 0, 0);
    assertThat(inputs(batch)).containsExactly(100, 101);
    assertThat(targets(batch)).containsExactly(101, 102);
  }

  @Test
  void a_shard_without_rows_has_empty_windows() {
    StreamPlan plan = new StreamPlan(10, 2, 3, 4);
    assertThat(plan.rowsOf(0)).isZero();
    StreamBatcher batcher = batcher(plan, 0);
    Batch batch = Batch.ofStreams();
    batch.pack(new int[] {2, 2}, 2);
    batcher.fill(1, batch);
    assertThat(batcher.longest()).isZero();
    assertThat(batch.rows()).isZero();
    assertThat(batch.packing().steps()).isZero();
  }

  @Test
  void a_shard_whose_rows_have_ended_has_a_window_without_steps() {
    StreamPlan plan = new StreamPlan(6, 2, 2, 2); // 5 pairs: rows of 2 and 3, so 2 windows
    Batch batch = Batch.ofStreams();
    batcher(plan, 0).fill(1, batch);
    assertThat(TestNetworks.lengths(batch.packing())).containsExactly(0);
    batcher(plan, 1).fill(1, batch);
    assertThat(TestNetworks.lengths(batch.packing())).containsExactly(1);
  }

  @Test
  void a_single_token_has_no_window() {
    StreamBatcher batcher = batcher(new StreamPlan(1, 3, 2, 4), 1);
    assertThat(batcher.windows()).isZero();
    assertThatThrownBy(() -> batcher.fill(0, Batch.ofStreams())).hasMessageContaining("[0, 0)");
  }

  @Test
  void a_window_longer_than_the_data_is_one_window() {
    StreamBatcher batcher = batcher(new StreamPlan(4, 1, 1, Integer.MAX_VALUE), 0);
    Batch batch = Batch.ofStreams();
    batcher.fill(0, batch);
    assertThat(batcher.windows()).isEqualTo(1);
    assertThat(batch.packing().steps()).isEqualTo(3);
  }

  @Test
  void filling_a_window_again_gives_the_same_after_a_larger_one() {
    StreamBatcher batcher = batcher(new StreamPlan(12, 2, 1, 4), 0);
    Batch fresh = Batch.ofStreams();
    batcher.fill(1, fresh);
    Batch reused = Batch.ofStreams();
    batcher.fill(0, reused);
    batcher.fill(1, reused);
    assertThat(TestNetworks.lengths(reused.packing()))
        .isEqualTo(TestNetworks.lengths(fresh.packing()));
    assertThat(inputs(reused)).isEqualTo(inputs(fresh));
    assertThat(targets(reused)).isEqualTo(targets(fresh));
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
    Batch batch = Batch.ofStreams();
    batcher.fill(24_999_999, batch);
    assertThat(batch.packing().steps()).isEqualTo(100);
    assertThat(batch.tokens(0)[0]).isEqualTo((int) (2_499_999_900L % 1_000_000_007L));
    assertThat(batch.labels()[1]).isEqualTo((int) (4_999_999_901L % 1_000_000_007L));
    batcher.fill(0, batch);
    assertThat(batch.tokens(0)[0]).isZero();
    assertThat(batch.labels()[0]).isEqualTo(1);
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
