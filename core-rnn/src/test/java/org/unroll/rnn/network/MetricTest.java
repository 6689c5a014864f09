// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;

class MetricTest {
  private static final List<String> TAGS = List.of("O", "B-NP", "I-NP", "B-VP", "I-VP");

  private static Example labelled(int... labels) {
    return Example.ofTokens("s", new int[labels.length], labels);
  }

  private static double[] sums(Metric metric, int[] truth, int[] said) {
    return metric.add(labelled(truth), Prediction.ofLabels(said), new double[metric.size()]);
  }

  @Test
  void a_confusion_matrix_counts_known_labels() {
    Metric metric = new ConfusionMetric(3, 0);
    double[] sums = sums(metric, new int[] {0, 0, 1, Batch.MASKED}, new int[] {0, 1, 1, 2});
    assertThat(sums).containsExactly(1, 1, 0, 0, 1, 0, 0, 0, 0);
    assertThat(metric.figures(sums).get("accuracy")).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 3));
    // The third class neither occurs nor is said.
    assertThat(metric.figures(sums).get("macro_f1")).isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void calibration_is_the_distance_between_being_sure_and_being_right() {
    CalibrationMetric metric = new CalibrationMetric(10);
    // Four steps of two classes: said with 0.75, 0.94, 0.72 and 1, of which the third is masked.
    float[] probabilities = {0.75f, 0.25f, 0.06f, 0.94f, 0.72f, 0.28f, 0, 1};
    Prediction said = Prediction.ofLabels(new int[] {0, 1, 0, 1}, probabilities);
    Example example = labelled(0, 0, Batch.MASKED, 1);
    double[] sums = metric.add(example, said, new double[metric.size()]);
    assertThat(metric.bins(sums))
        .extracting(CalibrationMetric.Bin::count)
        .containsExactly(1L, 2L); // a probability of 1 is in the last bin
    assertThat(metric.bins(sums).get(1).confidence()).isCloseTo(0.97, within(1e-6));
    assertThat(metric.bins(sums).get(1).accuracy()).isEqualTo(0.5);
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 3));
    double expected = (0.25 + 2 * 0.47) / 3;
    assertThat(metric.figures(sums).get(CalibrationMetric.ERROR)).isCloseTo(expected, within(1e-6));
    double[] twice = metric.plus(sums.clone(), sums);
    assertThat(metric.figures(twice)).isEqualTo(metric.figures(sums));
    assertThat(metric.add(labelled(1), Prediction.ofLabels(new int[] {1}), new double[30]))
        .containsOnly(0);
  }

  @Test
  void right_labels_are_counted_whatever_the_number_of_classes() {
    Metric metric = new Metric.Accuracy();
    double[] sums =
        sums(metric, new int[] {70_000, 0, 1, Batch.MASKED}, new int[] {70_000, 1, 1, 2});
    assertThat(sums).containsExactly(3, 2);
    assertThat(metric.figures(sums).get("accuracy")).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 3));
  }

  @Test
  void a_label_that_the_model_does_not_know_is_an_error_whatever_is_said() {
    ConfusionMetric metric = new ConfusionMetric(2, 2);
    int[] truth = {0, 1, Example.unseenLabel(1), Batch.MASKED};
    double[] sums = sums(metric, truth, new int[] {0, 1, 1, 0});
    assertThat(sums).containsExactly(1, 0, 0, 1, 0, 0, 0, 1);
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 3));
    assertThat(metric.there(sums, 3)).isEqualTo(1);
    assertThat(metric.said(sums, 1)).isEqualTo(2);
    // As scikit-learn has it: 1, 2/3, and 0 of the label that is there and never said.
    assertThat(metric.figures(sums).get("macro_f1")).isCloseTo(5 / 9.0, within(1e-12));
  }

  @Test
  void spans_are_right_if_both_ends_and_the_type_are() {
    SpanMetric metric = new SpanMetric(TAGS, List.of());
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
    SpanMetric metric = new SpanMetric(TAGS, List.of());
    assertThat(sums(metric, new int[] {2, 2, 4}, new int[] {1, 2, 3}))
        .containsExactly(1, 1, 1, 1, 1, 1);
  }

  @Test
  void spans_end_with_their_own_labels_too() {
    List<String> labels = List.of("O", "B-A", "I-A", "E-A", "S-A");
    SpanMetric metric = new SpanMetric(labels, List.of());
    assertThat(sums(metric, new int[] {1, 3, 4, 0, 4, 3}, new int[] {1, 3, 4, 4, 4, 3}))
        .containsExactly(4, 5, 4);
    assertThat(sums(metric, new int[] {1, 2, 3}, new int[] {1, 3, 2})).containsExactly(1, 2, 0);
  }

  @Test
  void a_span_goes_on_with_a_label_that_the_model_does_not_know() {
    SpanMetric metric = new SpanMetric(List.of("O", "B-A"), List.of("B-B", "I-A"));
    int[] truth = {1, Example.unseenLabel(1), 0, 1, Example.unseenLabel(0)};
    // Of A, the first is two steps long; of B, nothing can be said.
    assertThat(sums(metric, truth, new int[] {1, 0, 0, 1, 0})).containsExactly(2, 2, 1, 1, 0, 0);
  }

  /** Spans by the definition: the sequence is cut wherever a span must begin. */
  private static Set<List<Integer>> spans(int[] labels) {
    Set<List<Integer>> spans = new HashSet<>();
    int from = -1;
    for (int t = 0; t <= labels.length; t++) {
      String label = t < labels.length ? TAGS.get(labels[t]) : "O";
      String open = from < 0 ? "" : TAGS.get(labels[from]).substring(2);
      boolean goesOn = from >= 0 && label.equals("I-" + open);
      if (!goesOn) {
        if (from >= 0) {
          spans.add(List.of(open.hashCode(), from, t));
        }
        from = label.equals("O") ? -1 : t;
      }
    }
    return spans;
  }

  @Test
  void counts_are_those_of_the_sets_of_spans() {
    Random random = new Random(11);
    SpanMetric metric = new SpanMetric(TAGS, List.of());
    double[] sums = new double[metric.size()];
    double[] expected = new double[3];
    for (int i = 0; i < 500; i++) {
      int[] truth = random.ints(random.nextInt(9), 0, TAGS.size()).toArray();
      int[] said =
          IntStream.of(truth)
              .map(t -> random.nextInt(3) == 0 ? random.nextInt(TAGS.size()) : t)
              .toArray();
      metric.add(labelled(truth), Prediction.ofLabels(said), sums);
      Set<List<Integer>> right = spans(said);
      expected[0] += spans(truth).size();
      expected[1] += right.size();
      right.retainAll(spans(truth));
      expected[2] += right.size();
    }
    for (int which = 0; which < 3; which++) {
      assertThat(sums[which] + sums[3 + which]).isEqualTo(expected[which]);
    }
  }

  @Test
  void nothing_there_and_nothing_said_is_a_score_of_zero() {
    SpanMetric metric = new SpanMetric(TAGS, List.of());
    assertThat(metric.figures(sums(metric, new int[] {0}, new int[] {0})))
        .containsEntry("f1", 0.0)
        .containsEntry("precision", 0.0);
  }

  @Test
  void errors_are_summed_by_horizon_over_known_values() {
    Metric.Errors metric = new Metric.Errors(2);
    double[] sums = new double[metric.size()];
    Example example = labelled().withValues(1, 5, Float.NaN, 7);
    metric.add(example, Prediction.ofValues(new float[] {3, 5, 9, 4}), sums);
    assertThat(sums).containsExactly(1, 4, 2, 2, 9, 3);
    assertThat(metric.error(sums)).isEqualTo(new Loss(13, 3));
    assertThat(metric.figures(sums).get("mse")).isCloseTo(13 / 3.0, within(1e-12));
    assertThat(metric.figures(sums).get("mae")).isCloseTo(5 / 3.0, within(1e-12));
  }

  @Test
  void edits_are_the_fewest_that_make_one_of_the_other() {
    assertThat(Metric.Edits.distance(new int[] {1, 2, 3}, new int[] {1, 3})).isEqualTo(1);
    assertThat(Metric.Edits.distance(new int[] {}, new int[] {1, 3})).isEqualTo(2);
    assertThat(Metric.Edits.distance(new int[] {1, Example.unseenLabel(0)}, new int[] {1, 3}))
        .isEqualTo(1);
    assertThat(Metric.Edits.distance(new int[] {1, 2, 3, 4}, new int[] {2, 3, 5, 4})).isEqualTo(2);
    Metric.Edits metric = new Metric.Edits();
    double[] sums = sums(metric, new int[] {1, 2, 3}, new int[] {1, 3});
    metric.add(labelled(4), Prediction.ofLabels(new int[] {4}), sums);
    assertThat(metric.figures(sums)).containsEntry("label_error_rate", 0.25);
    assertThat(metric.figures(sums)).containsEntry("exact", 0.5);
    assertThat(metric.error(sums)).isEqualTo(new Loss(1, 4));
  }

  @Test
  void sequences_without_a_target_do_not_count() {
    Example unknown = Example.ofTokens("s", new int[2], (int[]) null);
    for (Metric metric :
        List.of(
            new ConfusionMetric(2, 0),
            new SpanMetric(TAGS, List.of()),
            new Metric.Errors(1),
            new Metric.Edits())) {
      double[] sums = new double[metric.size()];
      metric.add(unknown, Prediction.ofLabels(new int[2]), sums);
      assertThat(sums).containsOnly(0);
    }
  }

  @Test
  void two_metrics_in_one_have_the_sums_and_figures_of_both() {
    Metric.Both both = new Metric.Both(new ConfusionMetric(2, 0), new Metric.Accuracy());
    double[] sums = sums(both, new int[] {0, 1, 1}, new int[] {0, 1, 0});
    double[] more = sums(both, new int[] {1}, new int[] {1});
    assertThat(both.size()).isEqualTo(6);
    sums = both.plus(sums, more);
    assertThat(both.ofFirst(sums)).containsExactly(1, 0, 1, 2);
    assertThat(both.ofSecond(sums)).containsExactly(4, 3);
    assertThat(both.error(sums)).isEqualTo(new Loss(1, 4));
    assertThat(both.figures(sums)).containsEntry("accuracy", 0.75).containsKey("macro_f1");
    assertThat(both.readsStates()).isFalse();
  }

  /** Some probabilities of the second class are equal, and one example has no label. */
  @Test
  void ranks_are_those_of_all_pairs() {
    RankMetric metric = new RankMetric();
    Random random = new Random(5);
    float[] chances = new float[60];
    int[] labels = new int[chances.length];
    double[] sums = new double[metric.size()];
    double[] parts = new double[metric.size()];
    for (int i = 0; i < chances.length; i++) {
      chances[i] = random.nextInt(20) / 20f;
      labels[i] = i == 7 ? Batch.MASKED : random.nextInt(2);
      Prediction said = Prediction.ofLabels(new int[1], new float[] {1 - chances[i], chances[i]});
      sums = metric.add(labelled(labels[i]), said, sums);
      parts = metric.plus(parts, metric.add(labelled(labels[i]), said, new double[0]));
    }
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < chances.length; i++) {
      for (int j = 0; j < chances.length; j++) {
        if (labels[i] == 1 && labels[j] == 0) {
          pairs++;
          right += chances[i] > chances[j] ? 1 : chances[i] == chances[j] ? 0.5 : 0;
        }
      }
    }
    assertThat(metric.figures(sums).get("auc")).isCloseTo(right / pairs, within(1e-12));
    assertThat(metric.error(parts)).isEqualTo(new Loss(pairs - right, pairs));
    // One number each for 20 different probabilities.
    assertThat(parts.length).isLessThanOrEqualTo(3 * 20);
  }
}
