// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class StreamPlanTest {

  @Test
  void rows_and_shards_cover_everything_once_for_all_small_sizes() {
    for (int tokens = 0; tokens <= 23; tokens++) {
      for (int rows = 1; rows <= 9; rows++) {
        for (int shards = 1; shards <= 11; shards++) {
          checkCover(new StreamPlan(tokens, rows, shards, 3));
        }
      }
    }
  }

  private static void checkCover(StreamPlan plan) {
    long pair = 0;
    int row = 0;
    int maxRows = 0;
    for (int s = 0; s < plan.shards(); s++) {
      assertThat(plan.firstRow(s)).as("%s shard %d", plan, s).isEqualTo(row);
      assertThat(plan.firstToken(s)).as("%s shard %d", plan, s).isEqualTo(pair);
      row += plan.rowsOf(s);
      maxRows = Math.max(maxRows, plan.rowsOf(s));
      long pairs = Math.max(0, plan.endToken(s) - plan.firstToken(s) - 1);
      assertThat(plan.endToken(s) - plan.firstToken(s)).as("%s shard %d", plan, s).isNotEqualTo(1);
      pair += pairs;
    }
    assertThat(row).isEqualTo(plan.rows());
    assertThat(maxRows).as("%s", plan).isEqualTo(plan.maxRows());
    assertThat(pair).as("%s", plan).isEqualTo(plan.pairs());
    checkRows(plan);
  }

  private static void checkRows(StreamPlan plan) {
    long shortest = Long.MAX_VALUE;
    long longest = 0;
    for (int r = 0; r < plan.rows(); r++) {
      long length = plan.firstPair(r + 1) - plan.firstPair(r);
      shortest = Math.min(shortest, length);
      longest = Math.max(longest, length);
    }
    assertThat(longest - shortest).as("%s", plan).isLessThanOrEqualTo(1);
    assertThat(plan.windows()).as("%s", plan).isEqualTo((int) Math.ceil(longest / 3.0));
  }

  @Test
  void the_cut_is_row_times_pairs_over_rows_rounded_down_without_overflow() {
    long tokens = Long.MAX_VALUE;
    int rows = 1_000_003;
    StreamPlan plan = new StreamPlan(tokens, rows, 7, 50);
    for (int r = 0; r <= rows; r += 90_910) {
      BigInteger exact =
          BigInteger.valueOf(r)
              .multiply(BigInteger.valueOf(tokens - 1))
              .divide(BigInteger.valueOf(rows));
      assertThat(plan.firstPair(r)).as("row %d", r).isEqualTo(exact.longValueExact());
    }
  }

  @Test
  void many_rows_and_shards_do_not_overflow() {
    StreamPlan plan = new StreamPlan(5_000_000_000L, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 1);
    assertThat(plan.firstRow(plan.shards())).isEqualTo(Integer.MAX_VALUE);
    assertThat(plan.maxRows()).isEqualTo(2);
    assertThat(plan.endToken(plan.shards() - 1)).isEqualTo(5_000_000_000L);
  }

  @Test
  void neither_no_token_nor_a_single_one_makes_a_pair() {
    for (long tokens : new long[] {0, 1}) {
      StreamPlan plan = new StreamPlan(tokens, 4, 2, 5);
      assertThat(plan.pairs()).isZero();
      assertThat(plan.windows()).isZero();
      assertThat(plan.endToken(1)).isEqualTo(plan.firstToken(0)).isZero();
    }
  }

  @Test
  void more_windows_than_an_int_can_count_are_refused() {
    StreamPlan plan = new StreamPlan(3L * Integer.MAX_VALUE, 1, 1, 1);
    assertThatThrownBy(plan::windows)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("6442450940 windows");
  }

  @Test
  void impossible_sizes_are_refused_with_their_value() {
    assertThatThrownBy(() -> new StreamPlan(-1, 1, 1, 1))
        .hasMessageContaining("tokens")
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> new StreamPlan(1, 0, 1, 1))
        .hasMessageContaining("rows")
        .hasMessageContaining("0");
    assertThatThrownBy(() -> new StreamPlan(1, 1, 0, 1))
        .hasMessageContaining("shards")
        .hasMessageContaining("0");
    assertThatThrownBy(() -> new StreamPlan(1, 1, 1, -5))
        .hasMessageContaining("window")
        .hasMessageContaining("-5");
    assertThatThrownBy(() -> new StreamPlan(1, 1, 3, 1).rowsOf(3))
        .hasMessageContaining("[0, 3]")
        .hasMessageContaining("4");
  }
}
