// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch.Target;

class BatchTest {

  private static Example tokens(String id, int[] tokens, int... labels) {
    return Example.ofTokens(id, tokens, labels);
  }

  private static Batch batch(Batch.Shape shape, Example... examples) {
    Batch batch = new Batch(shape);
    batch.fill(List.of(examples));
    return batch;
  }

  @Test
  void sequences_stand_longest_first_and_know_where_they_came_from() {
    Batch batch =
        batch(
            new Batch.Shape(1, false, 0, Target.SEQUENCE, 0),
            tokens("a", new int[] {1}, 7),
            tokens("b", new int[] {2, 3, 4}, 8),
            tokens("c", new int[] {5, 6}, 9));
    assertThat(Arrays.copyOf(batch.tokens(0), 6)).containsExactly(2, 5, 1, 3, 6, 4);
    assertThat(Arrays.copyOf(batch.labels(), 3)).containsExactly(8, 9, 7);
    assertThat(batch.example(0).id()).isEqualTo("b");
    assertThat(batch.example(1).id()).isEqualTo("c");
    assertThat(batch.example(2).id()).isEqualTo("a");
  }

  @Test
  void labels_of_steps_stand_at_their_steps_and_missing_ones_are_masked() {
    Example unlabelled = tokens("b", new int[] {3, 4}, (int[]) null);
    Batch batch =
        batch(
            new Batch.Shape(1, false, 0, Target.STEP, 0),
            tokens("a", new int[] {1, 2}, 5, 6),
            unlabelled);
    assertThat(Arrays.copyOf(batch.labels(), 4)).containsExactly(5, Batch.MASKED, 6, Batch.MASKED);
    assertThat(batch.hasTarget(1)).isFalse();
  }

  @Test
  void unaligned_labels_follow_each_other() {
    Batch batch =
        batch(
            new Batch.Shape(1, false, 0, Target.UNALIGNED, 0),
            tokens("a", new int[] {1}, 3, 4),
            tokens("b", new int[] {2, 3}, 5));
    assertThat(Arrays.copyOf(batch.labels(), 3)).containsExactly(5, 3, 4);
    assertThat(batch.labelStart(1)).isEqualTo(1);
    assertThat(batch.labelStart(2)).isEqualTo(3);
  }

  @Test
  void features_and_values_are_packed_with_unknown_values_as_nan() {
    Example known =
        Example.ofFeatures("a", new float[] {1, 2, 3, 4}, 2, (int[]) null).withValues(9, 8);
    Example unknown = Example.ofFeatures("b", new float[] {5, 6}, 2, (int[]) null);
    Batch batch = batch(new Batch.Shape(0, false, 2, Target.SEQUENCE, 2), known, unknown);
    assertThat(Arrays.copyOf(batch.features(), 6)).containsExactly(1, 2, 5, 6, 3, 4);
    assertThat(Arrays.copyOf(batch.values(), 4)).containsExactly(9, 8, Float.NaN, Float.NaN);
  }

  @Test
  void windows_are_packed_with_room_for_tokens_and_masked_labels() {
    Batch batch = Batch.ofStreams();
    for (int[] lengths : new int[][] {{2, 1}, {4, 4, 3, 0}, {1}, {0}, {}}) {
      batch.pack(lengths, lengths.length);
      int n = Arrays.stream(lengths).sum();
      assertThat(batch.rows()).isEqualTo(lengths.length);
      assertThat(TestNetworks.lengths(batch.packing())).containsExactly(lengths);
      assertThat(batch.tokens(0)).hasSizeGreaterThanOrEqualTo(n);
      assertThat(Arrays.stream(batch.labels(), 0, n)).allMatch(label -> label == Batch.MASKED);
      Arrays.fill(batch.labels(), 3);
    }
    assertThatThrownBy(() -> batch.pack(new int[] {1, 2}, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequences must come longest first, but number 1 has 2 steps after one of 1");
  }

  @Test
  void every_word_is_there_once_the_longest_first() {
    int[][] words = {{1}, {2, 3}, {1}, {}};
    Example example = new Example("a", 4, new int[0][], words, null, new int[4], null);
    Batch batch = batch(new Batch.Shape(0, true, 0, Target.STEP, 0), example);
    WordTable table = batch.words();
    assertThat(TestNetworks.lengths(table.packing())).containsExactly(2, 1, 1);
    assertThat(Arrays.copyOf(table.characters(), 4)).containsExactly(2, 1, 0, 3);
    assertThat(table.wordOf()).containsExactly(1, 0, 1, 2);
  }

  @Test
  void a_long_sequence_is_cut_at_either_end() {
    Example example =
        new Example(
            "a", 3, new int[][] {{1, 2, 3}}, null, new float[] {1, 2, 3, 4, 5, 6}, null, null);
    assertThat(example.cut(2, true).tokens()[0]).containsExactly(2, 3);
    assertThat(example.cut(2, true).features()).containsExactly(3, 4, 5, 6);
    assertThat(example.cut(2, false).tokens()[0]).containsExactly(1, 2);
    assertThat(example.cut(3, false)).isSameAs(example);
  }

  @Test
  void what_does_not_fit_is_named() {
    Batch.Shape shape = new Batch.Shape(1, false, 2, Target.STEP, 0);
    assertThatThrownBy(() -> batch(shape, tokens("row 7", new int[] {1, 2}, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequence row 7 of 2 steps has 0 features but must have 4");
    Batch.Shape plain = new Batch.Shape(1, false, 0, Target.STEP, 0);
    assertThatThrownBy(() -> batch(plain, tokens("row 8", new int[] {1, 2}, 0)))
        .hasMessage("sequence row 8 of 2 steps has 1 labels but must have 2");
    Batch.Shape words = new Batch.Shape(1, true, 0, Target.STEP, 0);
    assertThatThrownBy(() -> batch(words, tokens("row 9", new int[] {1}, 0)))
        .hasMessage("sequence row 9 has no characters of its words");
    assertThatThrownBy(() -> Example.ofFeatures("row 3", new float[] {Float.NaN}, 1, 0))
        .hasMessage("sequence row 3 has the feature NaN, which is no number to read");
    assertThatThrownBy(() -> new Example("x", 2, new int[][] {{1}}, null, null, null, null))
        .hasMessage("sequence x has 2 steps but 1 tokens in a column");
  }
}
