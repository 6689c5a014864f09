// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.spark.report.Measure;
import org.unroll.spark.task.Comparison;
import org.unroll.spark.task.Comparison.Part;

class GuardsTest {
  private static final Guards USUAL = new Guards(0, 0.02, 50, false);
  private static final Part BETTER = new Part("all", "all", 300, 0.70, 0.79, 0.09, 0.05, 0.13);

  private static Guards.Verdict judge(Guards guards, Part... parts) {
    Measure accuracy = new Measure("accuracy", false, "nats per sequence", "sequences");
    return guards.judge(
        new Comparison(accuracy, "rows", 0.95, List.of(parts), null, null, List.of()));
  }

  private static Part label(long rows, double difference, double high) {
    return new Part("label", "bad", rows, 0.75, 0.75 + difference, difference, -0.2, high);
  }

  @Test
  void a_label_that_is_surely_worse_keeps_the_champion() {
    Guards.Verdict verdict = judge(USUAL, BETTER, label(140, -0.05, -0.01));
    assertThat(verdict.promoted()).isFalse();
    assertThat(verdict.reason())
        .isEqualTo(
            "The F1 of label 'bad' is 0.7000, the champion's 0.7500: a difference of -0.0500"
                + " (-0.2000 to -0.0100), and may be 0.0200 worse at most.");
    assertThat(judge(new Guards(0, 0.06, 50, false), BETTER, label(140, -0.05, -0.01)).promoted())
        .isTrue();
  }

  @Test
  void a_label_of_few_rows_or_that_may_be_no_worse_does_not() {
    assertThat(judge(USUAL, BETTER, label(49, -0.05, -0.01)).promoted()).isTrue();
    assertThat(judge(USUAL, BETTER, label(140, -0.05, 0.01)).promoted()).isTrue();
    assertThat(judge(USUAL, BETTER, label(140, -0.01, -0.005)).promoted()).isTrue();
  }

  @Test
  void all_rows_must_be_better_by_what_is_asked_for() {
    assertThat(judge(new Guards(0.1, 0.02, 50, false), BETTER).reason())
        .contains("The accuracy is 0.7900", "must be 0.1000 at least");
    assertThat(judge(new Guards(0.06, 0.02, 50, false), BETTER).promoted()).isTrue();
    assertThat(judge(new Guards(0.06, 0.02, 50, true), BETTER).reason())
        .contains("is not certain to be 0.0600");
  }
}
