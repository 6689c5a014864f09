// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void names_are_spelt_as_people_do() {
    assertThat(Figures.name("macro_f1")).isEqualTo("macro F1");
    assertThat(Figures.name("mase")).isEqualTo("MASE");
    assertThat(Figures.name("label_error_rate")).isEqualTo("label error rate");
  }

  @Test
  void numbers_read_well() {
    assertThat(Figures.count(1003854)).isEqualTo("1,003,854");
    assertThat(Figures.rate(31204.4)).isEqualTo("31,204");
    assertThat(Figures.rate(0.517)).isEqualTo("0.52");
    assertThat(Figures.loss(1.55649)).isEqualTo("1.556");
    assertThat(Figures.perplexity(4.7421)).isEqualTo("4.74");
    assertThat(Figures.perplexity(117.34)).isEqualTo("117.3");
    assertThat(Figures.perplexity(9871.3)).isEqualTo("9,871");
    assertThat(Figures.perplexity(Double.POSITIVE_INFINITY)).isEqualTo("Infinity");
  }

  @Test
  void three_digits_are_significant() {
    assertThat(Figures.significant(0.002)).isEqualTo("0.002");
    assertThat(Figures.significant(1.4999)).isEqualTo("1.5");
    assertThat(Figures.significant(20)).isEqualTo("20");
    assertThat(Figures.significant(123456)).isEqualTo("123000");
    assertThat(Figures.significant(3.0517578e-7)).isEqualTo("3.05e-07");
    assertThat(Figures.significant(0)).isEqualTo("0");
  }

  @Test
  void bytes_have_units() {
    assertThat(Figures.bytes(0)).isEqualTo("0 bytes");
    assertThat(Figures.bytes(999)).isEqualTo("999 bytes");
    assertThat(Figures.bytes(999_600)).isEqualTo("1.0 MB");
    assertThat(Figures.bytes(23_400_000)).isEqualTo("23 MB");
    assertThat(Figures.bytes(4_000_000_000_000_000L)).isEqualTo("4000 TB");
  }

  @Test
  void durations_are_clock_like() {
    assertThat(Figures.duration(7.4)).isEqualTo("0:07");
    assertThat(Figures.duration(760)).isEqualTo("12:40");
    assertThat(Figures.duration(11109)).isEqualTo("3:05:09");
  }
}
