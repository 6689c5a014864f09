// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;

/** ChrF2 against sacreBLEU. */
class ChrFTest {
  private static final JsonNode GOLDEN = Golden.read("translations.json");

  private static void add(JsonNode row, double[] sums, int at) {
    ChrF.add(row.get("hypothesis").textValue(), BleuTest.references(row), sums, at);
  }

  private static void assertChrF(double[] sums, int at, JsonNode expected) {
    assertThat(ChrF.score(sums, at)).isCloseTo(expected.get("chrf").doubleValue(), within(1e-9));
  }

  @ParameterizedTest
  @MethodSource("org.unroll.rnn.network.BleuTest#corpora")
  void a_corpus_and_each_of_its_rows_have_the_chrf_of_sacrebleu(String name) {
    double[] sums = new double[ChrF.SIZE + 2];
    for (JsonNode row : GOLDEN.get(name).get("rows")) {
      add(row, sums, 1);
      double[] alone = new double[ChrF.SIZE];
      add(row, alone, 0);
      assertChrF(alone, 0, row);
    }
    assertChrF(sums, 1, GOLDEN.get(name));
    assertThat(new double[] {sums[0], sums[sums.length - 1]}).containsOnly(0);
  }

  @Test
  void sums_of_parts_add_up_to_those_of_all() {
    JsonNode rows = GOLDEN.get("all").get("rows");
    double[][] parts = new double[3][ChrF.SIZE];
    for (int i = 0; i < rows.size(); i++) {
      add(rows.get(i), parts[i % 3], 0);
    }
    double[] sums = new double[ChrF.SIZE];
    Arrays.setAll(sums, i -> parts[2][i] + parts[0][i] + parts[1][i]);
    assertChrF(sums, 0, GOLDEN.get("all"));
  }

  @Test
  void of_references_that_are_equally_like_the_text_the_first_counts() {
    double[] sums = new double[ChrF.SIZE];
    ChrF.add("abc", List.of("xyz", "uvwxyz"), sums, 0);
    assertThat(sums[1]).isEqualTo(3);
  }

  @Test
  void nothing_scores_nothing() {
    assertThat(ChrF.score(new double[ChrF.SIZE], 0)).isZero();
  }

  @Test
  void a_row_without_references_is_refused() {
    assertThatThrownBy(() -> ChrF.add("a word", List.of(), new double[ChrF.SIZE], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chrF needs at least one reference");
  }
}
