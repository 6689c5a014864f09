// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.nn.CellType;

class CellCaseTest {
  @Test
  void the_example_is_read() {
    assertThat(CellCase.parse(CellCase.EXAMPLE))
        .isEqualTo(new CellCase("mine", CellType.GRU, 1, 256, 5000, 32, 40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "rnn", "rnn-relu"})
  void a_text_is_read_as_it_was_written(String cell) {
    String text = "my.case-1=" + cell + ":2x8:30:4:5";
    assertThat(CellCase.parse(text).text()).isEqualTo(text);
  }

  @Test
  void standard_cases_can_be_handed_to_another_process() {
    for (CellCase standard : CellCase.STANDARD) {
      assertThat(CellCase.parse(standard.text())).isEqualTo(standard);
    }
    assertThat(CellCase.STANDARD).extracting(CellCase::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mine",
        "=lstm:1x2:3:4:5",
        "mine=lstm:1x2:3:4",
        "mine=lstm:1x2:3:4:0",
        "mine=lstm:1:3:4:5",
        "mine=lstm:1x2:3:4:5:6",
        "mine=lstm:1x-2:3:4:5",
        "my case=lstm:1x2:3:4:5",
        "mine=lstm:1x2:3:4:9999999999"
      })
  void anything_else_is_refused_with_the_syntax(String text) {
    assertThatThrownBy(() -> CellCase.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(text)
        .hasMessageContaining(CellCase.SYNTAX)
        .hasMessageContaining(CellCase.EXAMPLE);
  }

  @Test
  void an_unknown_cell_is_refused_with_those_there_are() {
    assertThatThrownBy(() -> CellCase.parse("mine=lstn:1x2:3:4:5"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'lstn'")
        .hasMessageContaining("lstm, gru, rnn, rnn-relu");
  }

  @Test
  void half_a_case_has_half_the_batch() {
    CellCase half = CellCase.parse("mine=gru:1x8:30:5:7").half();
    assertThat(half).isEqualTo(new CellCase("mine-half", CellType.GRU, 1, 8, 30, 2, 7));
    assertThat(half.half().half().batch()).isEqualTo(1);
  }

  @Test
  void operations_are_those_of_the_products() {
    // Per token: 2 layers of two 2048 x 512 matrices and a 65 x 512 matrix, three passes of 2 each.
    CellCase char512 = CellCase.parse("char512=lstm:2x512:65:100:50");
    assertThat(char512.flopsPerToken()).isCloseTo(6.0 * (4 * 2048 * 512 + 65 * 512), within(1e-6));
    assertThat(char512.tokens()).isEqualTo(5000);
    assertThat(char512.work(2, 7))
        .isEqualTo(
            new TrainingCase.Work(
                "char512",
                1,
                5000,
                5000 * char512.flopsPerToken(),
                "cell char512=lstm:2x512:65:100:50 2 7"));
  }
}
