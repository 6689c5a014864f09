// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;

class RoundsBenchTest {
  private static final long GIGABYTE = 1_000_000_000;

  private final SparkConf conf = new SparkConf(false);

  @Test
  void twenty_million_parameters_fit_what_the_script_gives() {
    conf.set("spark.executor.memory", "1g");
    assertThatCode(() -> RoundsBench.requireMemory(20_000_000, 2, conf, false, 4 * GIGABYTE))
        .doesNotThrowAnyException();
  }

  @Test
  void a_driver_that_is_too_small_is_told_before_it_fails() {
    assertThatThrownBy(() -> RoundsBench.requireMemory(20_000_000, 2, conf, true, 900_000_000))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "Rounds of 20,000,000 parameters need about 1.0 GB in the driver, which has 900 MB. Ask"
                + " for fewer (--params), or give it more (scripts/unroll --driver-memory).");
  }

  @Test
  void an_executor_has_a_gigabyte_unless_told_otherwise() {
    assertThatThrownBy(() -> RoundsBench.requireMemory(100_000_000, 1, conf, false, 8 * GIGABYTE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("2.4 GB in every executor, which has 1.1 GB")
        .hasMessageContaining("--conf spark.executor.memory=");
    conf.set("spark.executor.memory", "3g");
    assertThatCode(() -> RoundsBench.requireMemory(100_000_000, 1, conf, false, 8 * GIGABYTE))
        .doesNotThrowAnyException();
  }

  @Test
  void workers_in_the_driver_need_no_executor() {
    assertThatCode(() -> RoundsBench.requireMemory(100_000_000, 1, conf, true, 8 * GIGABYTE))
        .doesNotThrowAnyException();
  }
}
