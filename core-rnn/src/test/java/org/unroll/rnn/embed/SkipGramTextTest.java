// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;

class SkipGramTextTest {
  private static SkipGramSpec spec(double subsample) {
    return new SkipGramSpec(4, 3, 2, subsample, 1, 100, 0.01, 1, 3, Wire.FP32);
  }

  private static SkipGramText text(int[] words, long[] counts, double subsample) {
    float[] keep = SkipGramText.keepProbabilities(counts, subsample);
    return new SkipGramText(0, words, spec(subsample), keep);
  }

  @Test
  void rounds_go_through_the_text_from_end_to_end() {
    int[] words = new int[103];
    Arrays.setAll(words, i -> i % 10);
    SkipGramText text = text(words, new long[10], 0);
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      text.fill(new Window(0, i, i), 7);
      for (int j = 0; j < text.count(); j++) {
        seen.add(text.kept()[j]);
      }
    }
    assertThat(seen).containsExactly(Arrays.stream(words).boxed().toArray(Integer[]::new));
  }

  @Test
  void borders_divide_sentences_and_are_no_words() {
    int b = SkipGramText.BORDER;
    SkipGramText text = text(new int[] {b, 1, 2, b, b, 3, b}, new long[4], 0);
    text.fill(new Window(0, 0, 0), 1);
    assertThat(Arrays.copyOf(text.kept(), text.count())).containsExactly(1, 2, 3);
    assertThat(text.sameSentence(0, 1)).isTrue();
    assertThat(text.sameSentence(1, 2)).isFalse();
  }

  @Test
  void frequent_words_are_left_out_as_in_word2vec() {
    long[] counts = {900_000, 99_000, 1000};
    float[] keep = SkipGramText.keepProbabilities(counts, 1e-3);
    assertThat(keep[0]).isCloseTo((float) ((Math.sqrt(900) + 1) / 900), offset(1e-6f));
    assertThat(keep[1]).isCloseTo((float) ((Math.sqrt(99) + 1) / 99), offset(1e-6f));
    assertThat(keep[2]).isGreaterThanOrEqualTo(1);
    int[] words = new int[100_000];
    Arrays.fill(words, 1);
    SkipGramText text = text(words, counts, 1e-3);
    text.fill(new Window(0, 0, 0), 1);
    int first = text.count();
    assertThat(first / 100_000.0).isCloseTo(keep[1], offset(0.004));
    text.fill(new Window(0, 0, 1), 1);
    assertThat(text.count()).as("another round draws anew").isNotEqualTo(first);
    text.fill(new Window(0, 0, 0), 1);
    assertThat(text.count()).isEqualTo(first);
  }
}
