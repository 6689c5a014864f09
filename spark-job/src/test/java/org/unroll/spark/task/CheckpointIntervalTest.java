// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.task.TrainRequest.CheckpointInterval;

class CheckpointIntervalTest {
  @ParameterizedTest
  @CsvSource({"500, 500, 0", "0, 0, 0", "30s, 0, 30", "10m, 0, 600", "2H, 0, 7200", "0m, 0, 0"})
  void a_number_of_rounds_or_a_time(String text, long rounds, long seconds) {
    CheckpointInterval interval = CheckpointInterval.parse(text);
    assertThat(interval).isEqualTo(new CheckpointInterval(rounds, seconds));
    assertThat(interval.isOn()).isEqualTo(rounds + seconds > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1", "10 m", "1.5h", "10d", "99999999999"})
  void anything_else_is_refused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CheckpointInterval.parse(text))
        .withMessage(
            "'" + text + "' is neither a number of rounds nor a time such as 30s, 10m or 2h");
  }
}
