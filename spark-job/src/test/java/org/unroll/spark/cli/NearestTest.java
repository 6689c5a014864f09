// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> OPTIONS =
      List.of("--hidden", "--layers", "--lr", "--lr-schedule", "--out");

  @Test
  void letters_may_be_missing_added_replaced_or_swapped() {
    assertThat(Nearest.to("--hiden", OPTIONS)).contains("--hidden");
    assertThat(Nearest.to("--layerss", OPTIONS)).contains("--layers");
    assertThat(Nearest.to("--oat", OPTIONS)).contains("--out");
    assertThat(Nearest.to("--lr-scehdule", OPTIONS)).contains("--lr-schedule");
  }

  @Test
  void something_else_is_near_to_nothing() {
    assertThat(Nearest.to("--tokenizer", OPTIONS)).isEmpty();
  }
}
