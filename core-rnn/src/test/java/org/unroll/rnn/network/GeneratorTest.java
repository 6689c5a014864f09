// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.math.RandomBits;

class GeneratorTest {
  private static final int VOCABULARY = 11;

  /**
   * Logits that depend on every token so far, in one array that is used again, as a runner's are.
   */
  private static final class History implements IntFunction<float[]> {
    private final List<Integer> tokens = new ArrayList<>();
    private final float[] logits = new float[VOCABULARY];

    @Override
    public float[] apply(int token) {
      tokens.add(token);
      for (int id = 0; id < VOCABULARY; id++) {
        logits[id] = 2 * RandomBits.uniform(tokens.hashCode(), id);
      }
      return logits;
    }
  }

  private static List<Integer> generated(int[] prompt, int length, Sampling sampling) {
    List<Integer> tokens = new ArrayList<>();
    Generator.generate(new History(), VOCABULARY, prompt, length, sampling, tokens::add);
    return tokens;
  }

  @Test
  void the_same_seed_gives_the_same_text_and_another_seed_another() {
    int[] prompt = {3, 1};
    List<Integer> text = generated(prompt, 50, new Sampling(1, 0, 1, 8));
    assertThat(text).hasSize(50);
    assertThat(generated(prompt, 50, new Sampling(1, 0, 1, 8))).isEqualTo(text);
    assertThat(generated(prompt, 50, new Sampling(1, 0, 1, 9))).isNotEqualTo(text);
    assertThat(generated(new int[] {3, 2}, 50, new Sampling(1, 0, 1, 8))).isNotEqualTo(text);
  }

  @Test
  void the_model_reads_the_prompt_and_then_its_own_tokens_but_not_the_last() {
    History history = new History();
    List<Integer> text = new ArrayList<>();
    Sampling sampling = new Sampling(1, 4, 0.9, 8);
    Generator.generate(history, VOCABULARY, new int[] {7, 0, 7}, 5, sampling, text::add);
    List<Integer> read = new ArrayList<>(List.of(7, 0, 7));
    read.addAll(text.subList(0, 4));
    assertThat(history.tokens).isEqualTo(read);
  }

  @Test
  void greedy_takes_the_models_best_at_each_step() {
    int[] prompt = {5};
    List<Integer> text = generated(prompt, 30, new Sampling(0, 0, 1, 1));
    History history = new History();
    float[] logits = history.apply(5);
    for (int token : text) {
      for (int id = 0; id < VOCABULARY; id++) {
        assertThat(logits[token]).isGreaterThanOrEqualTo(logits[id]);
      }
      logits = history.apply(token);
    }
    assertThat(generated(prompt, 30, new Sampling(0, 0, 1, 2))).isEqualTo(text);
  }

  @Test
  void a_text_given_back_as_the_prompt_goes_on_in_the_same_way() {
    Sampling sampling = new Sampling(0.8, 0, 1, 8);
    List<Integer> text = generated(new int[] {3}, 20, sampling);
    int[] prompt = new int[8];
    prompt[0] = 3;
    for (int i = 1; i < prompt.length; i++) {
      prompt[i] = text.get(i - 1);
    }
    assertThat(generated(prompt, 13, sampling)).isEqualTo(text.subList(7, 20));
  }

  @Test
  void a_sink_that_has_enough_stops() {
    History history = new History();
    List<Integer> text = new ArrayList<>();
    Generator.generate(
        history,
        VOCABULARY,
        new int[] {1},
        100,
        new Sampling(1, 0, 1, 8),
        token -> {
          text.add(token);
          return text.size() < 4;
        });
    assertThat(text).isEqualTo(generated(new int[] {1}, 4, new Sampling(1, 0, 1, 8)));
    assertThat(history.tokens).hasSize(4);
  }

  @Test
  void no_length_runs_nothing() {
    History history = new History();
    Generator.generate(
        history, VOCABULARY, new int[] {1}, 0, new Sampling(1, 0, 1, 8), token -> true);
    assertThat(history.tokens).isEmpty();
  }

  @Test
  void unusable_prompts_and_lengths_are_refused() {
    Sampling sampling = new Sampling(1, 0, 1, 8);
    assertThatThrownBy(() -> generated(new int[0], 1, sampling))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one token");
    assertThatThrownBy(() -> generated(new int[] {1, 11}, 1, sampling))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token 11")
        .hasMessageContaining("[0, 11)");
    assertThatThrownBy(() -> generated(new int[] {-1}, 1, sampling))
        .hasMessageContaining("token -1");
    assertThatThrownBy(() -> generated(new int[] {1}, -3, sampling)).hasMessageContaining("-3");
  }
}
