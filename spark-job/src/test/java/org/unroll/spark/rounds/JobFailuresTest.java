// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobFailuresTest {
  private static boolean executorLost(String message) {
    return JobFailures.executorLost(new IllegalStateException(message));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Job aborted due to stage failure: Task 1 in stage 4.0 failed 4 times, most recent failure:"
            + " Lost task 1.3 in stage 4.0 (TID 9) (host executor 3): ExecutorLostFailure (...)",
        "Job aborted due to stage failure: ResultStage 5 (collect at JobRounds.java:1) has failed"
            + " the maximum allowable number of times: 4. Most recent failure reason:\n..."
      })
  void jobs_whose_executors_were_lost_are_worth_another_try(String message) {
    assertThat(executorLost(message)).isTrue();
  }

  @Test
  void jobs_that_threw_or_were_cancelled_are_not() {
    assertThat(
            executorLost(
                "Job aborted due to stage failure: Task 1 in stage 4.0 failed 4 times, most recent"
                    + " failure: Lost task 1.3 in stage 4.0: java.lang.IllegalStateException"))
        .isFalse();
    assertThat(executorLost("Job 3 cancelled because SparkContext was shut down")).isFalse();
  }
}
