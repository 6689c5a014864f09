// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.TwinParams;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnStack;

/** Predictions that heads make of scores, against looking at everything that could be said. */
class PredictionTest {
  private static final int CLASSES = 3;

  /** The width of what the linear layer reads; nothing here runs it. */
  private static final int WIDTH = 1;

  private static float[] random(long seed, int n, double scale) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (scale * (2 * RandomBits.uniformDouble(seed, i) - 1));
    }
    return x;
  }

  private static Batch steps(Target target, int steps, int... labels) {
    Batch batch = new Batch(new Batch.Shape(1, false, 0, target, 0));
    batch.fill(List.of(Example.ofTokens("s", new int[steps], labels)));
    return batch;
  }

  private static Criterion criterion(HeadSpec spec, ParamLayout layout, float[] params, int n) {
    Criterion criterion = Criterion.of(spec, layout, new RnnStack.Capacity(n, 1, 0), new Team(1));
    criterion.load(params);
    return criterion;
  }

  private static ParamLayout layout(HeadSpec spec) {
    ParamLayout.Builder builder = new ParamLayout.Builder();
    spec.layOut(WIDTH, builder);
    return builder.build();
  }

  private static double[][] rows(float[] scores, int width) {
    return IntStream.range(0, scores.length / width)
        .mapToObj(t -> IntStream.range(t * width, (t + 1) * width).mapToDouble(i -> scores[i]))
        .map(row -> row.toArray())
        .toArray(double[][]::new);
  }

  private static Loss loss(HeadSpec spec, int... labels) {
    ParamLayout layout = layout(spec);
    Batch batch = steps(spec.target(), 2, labels);
    return criterion(spec, layout, random(1, layout.size(), 1), 2)
        .loss(random(2, 2 * spec.scores(), 1), batch, false);
  }

  @Test
  void a_label_that_the_model_does_not_know_has_no_loss() {
    int unseen = Example.unseenLabel(3);
    HeadSpec softmax = new HeadSpec.Softmax(CLASSES, Target.STEP);
    assertThat(loss(softmax, 1, unseen)).isEqualTo(loss(softmax, 1, Batch.MASKED));
    assertThat(loss(softmax, 1, unseen).weight()).isEqualTo(1);
    assertThat(loss(new HeadSpec.LinearCrf(CLASSES), 1, unseen)).isEqualTo(Loss.ZERO);
    assertThat(loss(new HeadSpec.Alignment(CLASSES), 1, unseen)).isEqualTo(Loss.ZERO);
    assertThatThrownBy(() -> loss(softmax, 1, CLASSES)).hasMessageContaining("label 3 is outside");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void viterbi_finds_the_best_of_all_paths(int steps) {
    HeadSpec spec = new HeadSpec.LinearCrf(CLASSES);
    ParamLayout layout = layout(spec);
    Batch batch = steps(Target.STEP, steps, new int[steps]);
    for (int seed = 0; seed < 30; seed++) {
      float[] params = random(seed, layout.size(), 2);
      float[] scores = random(100 + seed, steps * CLASSES, 2);
      double[][] rows = rows(scores, CLASSES);
      TwinParams byName = TwinParams.of(layout, params);
      List<int[]> paths = TwinHead.paths(steps, CLASSES);
      int[] best =
          paths.stream()
              .max(Comparator.comparingDouble(path -> TwinHead.score(rows, path, byName)))
              .orElseThrow();
      Prediction prediction = criterion(spec, layout, params, steps).predict(scores, batch, 0, 1);
      assertThat(prediction.labels()).isEqualTo(best);

      double all = paths.stream().mapToDouble(p -> Math.exp(TwinHead.score(rows, p, byName))).sum();
      for (int t = 0; t < steps; t++) {
        for (int k = 0; k < CLASSES; k++) {
          int step = t;
          int label = k;
          double chance =
              paths.stream()
                      .filter(path -> path[step] == label)
                      .mapToDouble(path -> Math.exp(TwinHead.score(rows, path, byName)))
                      .sum()
                  / all;
          assertThat((double) prediction.probabilities()[t * CLASSES + k])
              .isCloseTo(chance, within(1e-5));
        }
      }
    }
  }

  @Test
  void a_crf_of_scores_far_apart_stays_finite() {
    HeadSpec spec = new HeadSpec.LinearCrf(CLASSES);
    ParamLayout layout = layout(spec);
    int steps = 500;
    float[] scores = random(1, steps * CLASSES, 300);
    Criterion criterion = criterion(spec, layout, random(2, layout.size(), 50), steps);
    Batch batch = steps(Target.STEP, steps, new int[steps]);
    Loss loss = criterion.train(scores, batch, new Gradient(layout.size()));
    assertThat(loss.sum()).isFinite().isPositive();
    assertThat(loss.weight()).isEqualTo(steps);
    for (float gradient : scores) {
      assertThat(gradient).isBetween(-1f, 1f);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6})
  void a_wide_beam_finds_the_most_probable_labels_of_all(int steps) {
    HeadSpec spec = new HeadSpec.Alignment(CLASSES - 1);
    Criterion criterion = criterion(spec, layout(spec), new float[0], steps);
    Batch batch = steps(Target.UNALIGNED, steps);
    for (int seed = 0; seed < 30; seed++) {
      float[] scores = random(seed, steps * CLASSES, 1.5);
      double[][] rows = rows(scores, CLASSES);
      double best =
          TwinHead.paths(steps, CLASSES).stream()
              .map(TwinHead::joined)
              .mapToDouble(labels -> TwinHead.alignmentChance(rows, labels))
              .max()
              .orElseThrow();
      int[] found = criterion.predict(scores, batch, 0, 200).labels();
      assertThat(TwinHead.alignmentChance(rows, found)).isCloseTo(best, within(1e-12));
    }
  }

  @Test
  void the_greedy_path_is_joined_and_loses_its_blanks() {
    int[] path = {0, 1, 1, 0, 1, 2, 2, 0, 0};
    float[] scores = new float[path.length * CLASSES];
    for (int t = 0; t < path.length; t++) {
      scores[t * CLASSES + path[t]] = 5;
    }
    HeadSpec spec = new HeadSpec.Alignment(CLASSES - 1);
    Criterion criterion = criterion(spec, layout(spec), new float[0], path.length);
    Batch batch = steps(Target.UNALIGNED, path.length);
    assertThat(criterion.predict(scores, batch, 0, 1).labels()).containsExactly(1, 1, 2);
    assertThat(criterion.predict(scores, batch, 0, 5).labels()).containsExactly(1, 1, 2);
  }

  @Test
  void labels_that_do_not_fit_into_the_steps_do_not_count() {
    HeadSpec spec = new HeadSpec.Alignment(CLASSES - 1);
    Criterion criterion = criterion(spec, layout(spec), new float[0], 3);
    // Two equal labels need a blank between them: three steps.
    float[] scores = random(1, 2 * CLASSES, 1);
    Batch batch = steps(Target.UNALIGNED, 2, 1, 1);
    assertThat(criterion.train(scores, batch, new Gradient(0))).isEqualTo(Loss.ZERO);
    assertThat(scores).containsOnly(0);
    Loss fits = criterion.loss(random(1, 3 * CLASSES, 1), steps(Target.UNALIGNED, 3, 1, 1), false);
    assertThat(fits.sum()).isPositive().isFinite();
    assertThat(fits.weight()).isEqualTo(2);
  }

  @Test
  void the_probable_class_and_all_probabilities_are_told() {
    HeadSpec spec = new HeadSpec.Softmax(CLASSES, Target.SEQUENCE);
    Criterion criterion = criterion(spec, layout(spec), new float[0], 1);
    Batch batch = steps(Target.SEQUENCE, 2, 0);
    float[] scores = {(float) Math.log(1), (float) Math.log(3), (float) Math.log(4)};
    Prediction prediction = criterion.predict(scores, batch, 0, 1);
    assertThat(prediction.labels()).containsExactly(2);
    float[] expected = {1 / 8f, 3 / 8f, 4 / 8f};
    for (int c = 0; c < CLASSES; c++) {
      assertThat(prediction.probabilities()[c]).isCloseTo(expected[c], within(1e-6f));
    }
  }

  @Test
  void labels_nobody_knows_are_refused() {
    float[] scores = new float[CLASSES];
    HeadSpec classes = new HeadSpec.Softmax(CLASSES, Target.SEQUENCE);
    Criterion softmax = criterion(classes, layout(classes), new float[0], 1);
    assertThatThrownBy(() -> softmax.loss(scores, steps(Target.SEQUENCE, 1, 3), false))
        .hasMessage("label 3 is outside the 3 classes");
    HeadSpec ctc = new HeadSpec.Alignment(CLASSES - 1);
    assertThatThrownBy(
            () ->
                criterion(ctc, layout(ctc), new float[0], 1)
                    .loss(scores, steps(Target.UNALIGNED, 1, 0), false))
        .hasMessage("label 0 is outside the labels 1 to 2");
  }

  @Test
  void heads_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> new HeadSpec.Softmax(2, Target.STEP, 1, null))
        .hasMessage("label smoothing must be in [0, 1) but was 1.0");
    assertThatThrownBy(() -> new HeadSpec.Softmax(2, Target.STEP, 0, List.of(1.0)))
        .hasMessage("there are 2 classes but 1 class weights");
    assertThatThrownBy(() -> new HeadSpec.Softmax(2, Target.STEP, 0, List.of(1.0, Double.NaN)))
        .hasMessageContaining("class weights must be zero or positive");
    assertThatThrownBy(() -> new HeadSpec.Regression(1, Target.UNALIGNED))
        .hasMessage("unaligned labels need a head that aligns them");
  }
}
