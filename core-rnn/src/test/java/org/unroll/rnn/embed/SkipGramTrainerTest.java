// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Wire;

class SkipGramTrainerTest {
  private static SkipGramSpec spec(int shards, int epochs, Wire wire) {
    return new SkipGramSpec(13, 3, 5, 0, epochs, 400, 0.1, shards, 7, wire);
  }

  private static float[] train(SkipGramSpec spec, int[] words, List<Loss> losses) {
    SkipGramModel model = new SkipGramModel(Pairs.WORDS, spec.size());
    SkipGramTrainer trainer = new SkipGramTrainer(model, spec, Pairs.counts(words));
    return trainer.fit(new Pairs(spec, words), (window, windows, loss) -> losses.add(loss));
  }

  private static WordVectors vectors(float[] values, int size) {
    List<Vocabulary.Entry> entries = new ArrayList<>();
    for (int w = 0; w < Pairs.WORDS; w++) {
      entries.add(new Vocabulary.Entry("w" + w, 1));
    }
    return new WordVectors(Vocabulary.of(entries), size, values);
  }

  @ParameterizedTest
  @CsvSource({"1, FP32", "3, FP32", "8, FP32", "3, BF16"})
  void words_of_the_same_sentences_become_neighbours(int shards, Wire wire) {
    SkipGramSpec spec = spec(shards, 20, wire);
    List<Loss> losses = new ArrayList<>();
    WordVectors vectors = vectors(train(spec, Pairs.sentences(600), losses), 2 * spec.size());
    VectorSearch search = new VectorSearch(vectors, vectors.words());
    for (int w = 0; w < Pairs.WORDS; w++) {
      assertThat(search.nearest(w, 1).get(0).word()).as("neighbour of %d", w).isEqualTo(w ^ 1);
    }
    assertThat(losses.get(losses.size() - 1).mean()).isLessThan(losses.get(0).mean() / 1.5);
  }

  @Test
  void the_same_run_gives_the_same_bits() {
    int[] words = Pairs.sentences(100);
    float[] once = train(spec(4, 2, Wire.FP32), words, new ArrayList<>());
    assertThat(train(spec(4, 2, Wire.FP32), words, new ArrayList<>())).isEqualTo(once);
  }

  @Test
  void every_word_of_an_epoch_is_learnt_from_once() {
    int[] words = Pairs.sentences(100);
    List<Loss> losses = new ArrayList<>();
    train(spec(3, 1, Wire.FP32), words, losses);
    double pairs = losses.stream().mapToDouble(Loss::weight).sum();
    // Six words a sentence with 5, 4 and 3 neighbours at the distances 1, 2 and 3, which count 3, 2
    // and 1 thirds, to both sides. Rounds and shards cut some sentences.
    assertThat(pairs / (100 * 2 * (5 * 3 + 4 * 2 + 3) / 3.0)).isBetween(0.9, 1.0);
  }

  @Test
  void divergence_is_an_error_with_an_advice() {
    SkipGramSpec spec = new SkipGramSpec(13, 3, 5, 0, 3, 400, 1e30, 2, 7, Wire.FP32);
    int[] words = Pairs.sentences(100);
    assertThatThrownBy(() -> train(spec, words, new ArrayList<>()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("diverged in round ")
        .hasMessageContaining("lower --lr");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5, 1_000_003, 3_000_000_000_000L})
  void shards_are_all_of_a_text(long tokens) {
    SkipGramSpec spec = spec(7, 1, Wire.FP32);
    assertThat(spec.firstToken(0, tokens)).isZero();
    assertThat(spec.firstToken(7, tokens)).isEqualTo(tokens);
    for (int s = 0; s < 7; s++) {
      long size = spec.firstToken(s + 1, tokens) - spec.firstToken(s, tokens);
      assertThat(size).isBetween(tokens / 7, tokens / 7 + 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 5, 5, 0.001, 1, 100, 0.1, 1, embedding",
    "9, 0, 5, 0.001, 1, 100, 0.1, 1, window",
    "9, 5, 0, 0.001, 1, 100, 0.1, 1, negative",
    "9, 5, 5, 1.5, 1, 100, 0.1, 1, subsample",
    "9, 5, 5, 0.001, 0, 100, 0.1, 1, epochs",
    "9, 5, 5, 0.001, 1, 0, 0.1, 1, batch",
    "9, 5, 5, 0.001, 1, 100, 0, 1, lr",
    "9, 5, 5, 0.001, 1, 100, NaN, 1, lr",
    "9, 5, 5, 0.001, 1, 100, 0.1, 0, shards"
  })
  void a_specification_is_checked(
      int size,
      int window,
      int negative,
      double subsample,
      int epochs,
      int batch,
      double lr,
      int shards,
      String option) {
    assertThatThrownBy(
            () ->
                new SkipGramSpec(
                    size, window, negative, subsample, epochs, batch, lr, shards, 1, Wire.FP32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(option + " must be ");
  }
}
