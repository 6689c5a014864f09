// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SpanScoreTest {
  private record Span(String type, int from, int to) {}

  /** Spans by the definition, for IOB labels alone: cut the sequence wherever a span must begin. */
  private static Set<Span> spans(String[] labels) {
    Set<Span> spans = new HashSet<>();
    int from = -1;
    for (int t = 0; t <= labels.length; t++) {
      String label = t < labels.length ? labels[t] : "O";
      boolean continues =
          from >= 0
              && label.startsWith("I-")
              && label.substring(2).equals(labels[from].substring(2));
      if (!continues) {
        if (from >= 0) {
          spans.add(new Span(labels[from].substring(2), from, t));
        }
        from = label.equals("O") ? -1 : t;
      }
    }
    return spans;
  }

  @Test
  void counts_are_those_of_the_sets_of_spans() {
    String[] alphabet = {"O", "B-NP", "I-NP", "B-VP", "I-VP"};
    Random random = new Random(11);
    SpanScore sum = new SpanScore();
    List<SpanScore> parts = List.of(new SpanScore(), new SpanScore());
    long right = 0;
    long predicted = 0;
    long there = 0;
    for (int i = 0; i < 500; i++) {
      int length = random.nextInt(9);
      String[] truth = new String[length];
      String[] guess = new String[length];
      for (int t = 0; t < length; t++) {
        truth[t] = alphabet[random.nextInt(alphabet.length)];
        guess[t] = random.nextInt(3) == 0 ? alphabet[random.nextInt(alphabet.length)] : truth[t];
      }
      sum.add(truth, guess);
      parts.get(i % 2).add(truth, guess);
      Set<Span> found = spans(guess);
      predicted += found.size();
      there += spans(truth).size();
      found.retainAll(spans(truth));
      right += found.size();
    }
    assertThat(sum.all()).isEqualTo(new PrecisionRecall(right, predicted, there));
    parts.get(0).add(parts.get(1));
    assertThat(parts.get(0).byType()).isEqualTo(sum.byType());
    assertThat(parts.get(0).accuracy()).isEqualTo(sum.accuracy());
  }

  @Test
  void a_span_is_right_with_both_ends_and_the_type() {
    SpanScore score = new SpanScore();
    score.add(
        "B-NP I-NP B-VP O B-NP I-NP B-PP".split(" "), "B-NP I-NP I-VP O B-NP B-NP B-NP".split(" "));
    // NP: 2 there, 4 predicted, 1 right; VP begun by its I- is right; PP is missed.
    assertThat(score.byType().get("NP")).isEqualTo(new PrecisionRecall(1, 4, 2));
    assertThat(score.byType().get("VP")).isEqualTo(new PrecisionRecall(1, 1, 1));
    assertThat(score.byType().get("PP")).isEqualTo(new PrecisionRecall(0, 0, 1));
    assertThat(score.all().f1())
        .isCloseTo(2 * (2.0 / 5) * (2.0 / 4) / (2.0 / 5 + 2.0 / 4), within(1e-12));
    assertThat(score.accuracy()).isEqualTo(4.0 / 7);
    assertThat(new ArrayList<>(score.byType().keySet())).containsExactly("NP", "PP", "VP");
  }

  @Test
  void spans_of_other_schemes_end_at_their_own_marks() {
    SpanScore score = new SpanScore();
    score.add("B-A E-A S-A O".split(" "), "B-A E-A S-A S-A".split(" "));
    assertThat(score.all()).isEqualTo(new PrecisionRecall(2, 3, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> score.add(new String[1], new String[2]));
  }
}
