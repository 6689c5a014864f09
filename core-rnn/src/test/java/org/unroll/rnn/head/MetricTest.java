// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.model.Loss;

class MetricTest {
  private static final List<String> TAGS = List.of("O", "B-NP", "I-NP", "B-VP", "I-VP");

  private static SequenceExample labelled(int... labels) {
    return SequenceExample.ofTokens("s", new int[labels.length], labels);
  }

  private static double[] sums(Metric metric, int[] truth, int[] said) {
    double[] sums = new double[metric.size()];
    metric.add(labelled(truth), Prediction.ofLabels(said), sums);
    return sums;
  }

  @Test
  void a_confusion_matrix_counts_known_labels() {
    Metric metric = new ConfusionMetric(3);
    double[] sums = sums(metric, new int[] {0, 0, 1, Batch.MASKED}, new int[] {0, 1, 1, 2});
    assertThat(sums).containsExactly(1, 1, 0, 0, 1, 0, 0, 0, 0);
    assertThat(metric.figures(sums).get("accuracy")).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 3));
    // The third class neither occurs nor is said.
    assertThat(metric.figures(sums).get("macro_f1")).isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void right_labels_are_counted_whatever_the_number_of_classes() {
    Metric metric = new AccuracyMetric();
    double[] sums =
        sums(metric, new int[] {70_000, 0, 1, Batch.MASKED}, new int[] {70_000, 1, 1, 2});
    assertThat(sums).containsExactly(3, 2);
    assertThat(metric.figures(sums).get("accuracy")).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 3));
  }

  @Test
  void spans_are_right_if_both_ends_and_the_type_are() {
    SpanMetric metric = new SpanMetric(TAGS);
    assertThat(metric.types()).containsExactly("NP", "VP");
    int[] truth = {1, 2, 0, 3, 1, 1};
    // The first too short, the verb phrase found, the last two joined to one.
    int[] said = {1, 0, 0, 3, 1, 2};
    double[] sums = sums(metric, truth, said);
    assertThat(sums).containsExactly(3, 2, 0, 1, 1, 1);
    assertThat(metric.figures(sums).get("precision")).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(metric.figures(sums).get("recall")).isCloseTo(1 / 4.0, within(1e-12));
    assertThat(metric.figures(sums).get("f1")).isCloseTo(2 / 7.0, within(1e-12));
    assertThat(metric.error(sums).mean()).isCloseTo(5 / 7.0, within(1e-12));
  }

  @Test
  void an_inside_label_with_nothing_open_begins_a_span() {
    SpanMetric metric = new SpanMetric(TAGS);
    assertThat(sums(metric, new int[] {2, 2, 4}, new int[] {1, 2, 3}))
        .containsExactly(1, 1, 1, 1, 1, 1);
  }

  @Test
  void nothing_there_and_nothing_said_is_a_score_of_zero() {
    SpanMetric metric = new SpanMetric(TAGS);
    assertThat(metric.figures(sums(metric, new int[] {0}, new int[] {0})))
        .containsEntry("f1", 0.0)
        .containsEntry("precision", 0.0);
  }

  @Test
  void errors_are_summed_by_horizon_over_known_values() {
    ErrorMetric metric = new ErrorMetric(2);
    double[] sums = new double[metric.size()];
    SequenceExample example = labelled().withValues(1, 5, Float.NaN, 7);
    metric.add(example, Prediction.ofValues(new float[] {3, 5, 9, 4}), sums);
    assertThat(sums).containsExactly(1, 4, 2, 2, 9, 3);
    assertThat(metric.error(sums)).isEqualTo(new Loss(13, 3));
    assertThat(metric.figures(sums).get("mse")).isCloseTo(13 / 3.0, within(1e-12));
    assertThat(metric.figures(sums).get("mae")).isCloseTo(5 / 3.0, within(1e-12));
  }

  @Test
  void edits_are_the_fewest_that_make_one_of_the_other() {
    assertThat(EditMetric.distance(new int[] {1, 2, 3}, new int[] {1, 3})).isEqualTo(1);
    assertThat(EditMetric.distance(new int[] {}, new int[] {1, 3})).isEqualTo(2);
    assertThat(EditMetric.distance(new int[] {1, 2, 3, 4}, new int[] {2, 3, 5, 4})).isEqualTo(2);
    EditMetric metric = new EditMetric();
    double[] sums = sums(metric, new int[] {1, 2, 3}, new int[] {1, 3});
    metric.add(labelled(4), Prediction.ofLabels(new int[] {4}), sums);
    assertThat(metric.figures(sums)).containsEntry("label_error_rate", 0.25);
    assertThat(metric.figures(sums)).containsEntry("exact", 0.5);
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 4));
  }

  @Test
  void sequences_without_a_target_do_not_count() {
    SequenceExample unknown = SequenceExample.ofTokens("s", new int[2], (int[]) null);
    for (Metric metric :
        List.of(
            new ConfusionMetric(2), new SpanMetric(TAGS), new ErrorMetric(1), new EditMetric())) {
      double[] sums = new double[metric.size()];
      metric.add(unknown, Prediction.ofLabels(new int[2]), sums);
      assertThat(sums).containsOnly(0);
    }
  }
}
