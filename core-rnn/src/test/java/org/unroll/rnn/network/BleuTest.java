// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;

/** BLEU against sacreBLEU. */
class BleuTest {
  private static final JsonNode GOLDEN = Golden.read("translations.json");

  static List<String> corpora() {
    List<String> names = new ArrayList<>();
    GOLDEN.fieldNames().forEachRemaining(names::add);
    return names;
  }

  static List<String> references(JsonNode row) {
    List<String> references = new ArrayList<>();
    row.get("references").forEach(reference -> references.add(reference.textValue()));
    return references;
  }

  private static void add(JsonNode row, double[] sums, int at) {
    Bleu.add(row.get("hypothesis").textValue(), references(row), sums, at);
  }

  private static void assertBleu(double[] sums, int at, JsonNode expected) {
    for (int i = 0; i < Bleu.SIZE; i++) {
      assertThat(sums[at + i]).as("sum %d", i).isEqualTo(expected.get("sums").get(i).intValue());
    }
    for (int order = 1; order <= Bleu.ORDER; order++) {
      assertThat(Bleu.score(sums, at, order))
          .as("BLEU-%d", order)
          .isCloseTo(expected.get("bleu").get(order - 1).doubleValue(), within(1e-9));
    }
    assertThat(Bleu.score(sums, at)).isEqualTo(Bleu.score(sums, at, 4));
  }

  @ParameterizedTest
  @MethodSource("corpora")
  void a_corpus_and_each_of_its_rows_have_the_bleu_of_sacrebleu(String name) {
    double[] sums = new double[Bleu.SIZE + 2];
    for (JsonNode row : GOLDEN.get(name).get("rows")) {
      add(row, sums, 1);
      double[] alone = new double[Bleu.SIZE];
      add(row, alone, 0);
      assertBleu(alone, 0, row);
    }
    assertBleu(sums, 1, GOLDEN.get(name));
    assertThat(new double[] {sums[0], sums[sums.length - 1]}).containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource("corpora")
  void texts_are_cut_into_the_words_of_sacrebleu(String name) {
    for (JsonNode row : GOLDEN.get(name).get("rows")) {
      assertThat(String.join(" ", Bleu.words(row.get("hypothesis").textValue())))
          .isEqualTo(row.get("words").textValue());
    }
  }

  @Test
  void sums_of_parts_add_up_to_those_of_all() {
    JsonNode rows = GOLDEN.get("all").get("rows");
    double[][] parts = new double[3][Bleu.SIZE];
    for (int i = 0; i < rows.size(); i++) {
      add(rows.get(i), parts[i % 3], 0);
    }
    double[] sums = new double[Bleu.SIZE];
    Arrays.setAll(sums, i -> parts[2][i] + parts[0][i] + parts[1][i]);
    assertBleu(sums, 0, GOLDEN.get("all"));
  }

  @Test
  void nothing_scores_nothing() {
    assertThat(Bleu.score(new double[Bleu.SIZE], 0)).isZero();
  }

  @Test
  void a_row_without_references_is_refused() {
    assertThatThrownBy(() -> Bleu.add("a word", List.of(), new double[Bleu.SIZE], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("BLEU needs at least one reference");
  }
}
