// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Vocabulary.Entry;

class VocabularyTest {

  @Test
  void characters_come_by_count_and_need_no_unk_when_all_are_kept() {
    Vocabulary v = Vocabulary.build(Map.of("a", 2L, "b", 5L, "\n", 3L), "char", 0, 1, false);
    assertThat(v.entries())
        .containsExactly(new Entry("b", 5), new Entry("\n", 3), new Entry("a", 2));
    assertThat(v.hasUnk()).isFalse();
    assertThat(v.size()).isEqualTo(3);
    assertThat(v.id("\n")).isEqualTo(1);
    assertThat(v.token(1)).isEqualTo("\n");
    assertThat(v.count(1)).isEqualTo(3);
  }

  @Test
  void ties_are_in_code_point_order_also_beyond_the_basic_plane() {
    Map<String, Long> counts =
        Map.of(
            "\ud83d\ude00",
            1L,
            "\uffe5",
            1L,
            "\ue000",
            1L,
            "z",
            1L,
            "Z",
            1L,
            "\u00e9",
            1L,
            "\ud800\udc00",
            1L);
    assertThat(Vocabulary.build(counts, "char", 0, 1, false).entries())
        .extracting(Entry::token)
        .containsExactly("Z", "z", "\u00e9", "\ue000", "\uffe5", "\ud800\udc00", "\ud83d\ude00");
  }

  @Test
  void tied_words_are_in_code_point_order_and_prefixes_first() {
    Map<String, Long> counts =
        Map.of("ab", 1L, "a", 1L, "a\ud83d\ude00", 1L, "a\uff01", 1L, "abc", 1L);
    assertThat(Vocabulary.build(counts, "word", 0, 1, false).entries())
        .extracting(Entry::token)
        .containsExactly("<unk>", "<eos>", "a", "ab", "abc", "a\uff01", "a\ud83d\ude00");
  }

  @Test
  void dropped_characters_are_counted_as_unk_which_takes_a_place() {
    Map<String, Long> counts = Map.of("a", 9L, "b", 5L, "c", 3L, "d", 1L);
    assertThat(Vocabulary.build(counts, "char", 0, 2, false).entries())
        .containsExactly(
            new Entry("<unk>", 1), new Entry("a", 9), new Entry("b", 5), new Entry("c", 3));
    assertThat(Vocabulary.build(counts, "char", 3, 1, false).entries())
        .containsExactly(new Entry("<unk>", 4), new Entry("a", 9), new Entry("b", 5));
    assertThat(Vocabulary.build(counts, "char", 3, 2, false).entries())
        .containsExactly(new Entry("<unk>", 4), new Entry("a", 9), new Entry("b", 5));
    assertThat(Vocabulary.build(counts, "char", 4, 1, false).hasUnk()).isFalse();
  }

  @Test
  void forced_unk_takes_a_place_too() {
    Map<String, Long> counts = Map.of("a", 2L, "b", 1L);
    assertThat(Vocabulary.build(counts, "char", 0, 1, true).entries())
        .containsExactly(new Entry("<unk>", 0), new Entry("a", 2), new Entry("b", 1));
    assertThat(Vocabulary.build(counts, "char", 2, 1, true).entries())
        .containsExactly(new Entry("<unk>", 1), new Entry("a", 2));
  }

  @Test
  void characters_dropped_by_the_one_who_counted_make_an_unk() {
    assertThat(Vocabulary.build(Map.of("a", 2L, "<unk>", 7L), "char", 0, 1, false).entries())
        .containsExactly(new Entry("<unk>", 7), new Entry("a", 2));
  }

  @Test
  void words_have_unk_and_eos_first_with_their_own_counts() {
    Map<String, Long> counts =
        Map.of("the", 7L, "<unk>", 4L, "<eos>", 3L, "cat", 2L, "hat", 2L, "rare", 1L);
    assertThat(Vocabulary.build(counts, "word", 4, 1, false).entries())
        .containsExactly(
            new Entry("<unk>", 7), new Entry("<eos>", 3), new Entry("the", 7), new Entry("cat", 2));
    assertThat(Vocabulary.build(counts, "word", 0, 5, false).entries())
        .containsExactly(new Entry("<unk>", 9), new Entry("<eos>", 3), new Entry("the", 7));
    assertThat(Vocabulary.build(Map.of(), "word", 0, 1, false).entries())
        .containsExactly(new Entry("<unk>", 0), new Entry("<eos>", 0));
  }

  @Test
  void too_small_sizes_and_empty_texts_are_refused() {
    Map<String, Long> counts = Map.of("a", 2L, "b", 1L);
    assertThatThrownBy(() -> Vocabulary.build(counts, "word", 2, 1, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vocabulary of 2")
        .hasMessageContaining("at least 3");
    assertThatThrownBy(() -> Vocabulary.build(counts, "char", 1, 1, false))
        .hasMessageContaining("at least 2");
    assertThatThrownBy(() -> Vocabulary.build(counts, "char", -1, 1, false))
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> Vocabulary.build(Map.of(), "char", 0, 1, false))
        .hasMessageContaining("at least one");
  }

  @Test
  void unknown_tokens_are_unk_where_there_is_one() {
    Vocabulary v = Vocabulary.of(List.of(new Entry("a", 1), new Entry("<unk>", 0)));
    assertThat(v.id("nope")).isEqualTo(1);
    assertThat(v.contains("nope")).isFalse();
    assertThat(v.contains("a")).isTrue();
  }

  @Test
  void unknown_tokens_are_named_printably_where_there_is_none() {
    Vocabulary v = Vocabulary.of(List.of(new Entry("a", 1)));
    assertUnknown(v, "\u00e9", "U+00E9 '\u00e9'");
    assertUnknown(v, "\ud83d\ude00", "U+1F600 '\ud83d\ude00'");
    assertUnknown(v, " ", "U+0020 ' '");
    assertUnknown(v, "\t", "U+0009 is");
    assertUnknown(v, "\u2028", "U+2028 is");
    assertUnknown(v, "\ud83d", "U+D83D is");
    assertUnknown(v, "word", "'word'");
  }

  private static void assertUnknown(Vocabulary v, String token, String name) {
    assertThatThrownBy(() -> v.id(token))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(name)
        .hasMessageContaining("not in the vocabulary of 1 token");
  }

  @Test
  void what_is_no_vocabulary_is_refused() {
    assertThatThrownBy(() -> Vocabulary.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> Vocabulary.of(List.of(new Entry("a", 1), new Entry("b", 1), new Entry("a", 2))))
        .hasMessageContaining("'a' is there twice, as 0 and as 2");
    assertThatThrownBy(() -> new Entry("", 1)).hasMessageContaining("empty");
    assertThatThrownBy(() -> new Entry("a", -1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new Entry("\ude00", 1)).hasMessageContaining("U+DE00");
    Vocabulary v = Vocabulary.of(List.of(new Entry("a", 1)));
    assertThatThrownBy(() -> v.token(1)).hasMessageContaining("[0, 1)").hasMessageContaining("1");
    assertThatThrownBy(() -> v.count(-1)).hasMessageContaining("-1");
  }

  @Test
  void it_travels_by_java_serialization() throws Exception {
    Vocabulary v = Vocabulary.of(List.of(new Entry("a", 1), new Entry("<unk>", 0)));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(v);
    }
    ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    Vocabulary copy = (Vocabulary) in.readObject();
    assertThat(copy.entries()).isEqualTo(v.entries());
    assertThat(copy.id("x")).isEqualTo(1);
  }

  @Test
  void a_vocabulary_grows_behind_its_tokens() {
    Vocabulary before =
        Vocabulary.of(
            List.of(
                new Entry("<unk>", 4),
                new Entry("<eos>", 2),
                new Entry("b", 3),
                new Entry("a", 3)));
    Map<String, Long> counts =
        Map.of("a", 5L, "<eos>", 1L, "z", 2L, "é", 2L, "new", 7L, "rare", 1L, "<unk>", 1L);

    // One of two that are equally frequent has no place; nor has a rare one.
    assertThat(before.grown(counts, 20, 2, 2).entries())
        .containsExactly(
            new Entry("<unk>", 4 + 20 - 5 - 1 - 7 - 2),
            new Entry("<eos>", 3),
            new Entry("b", 3),
            new Entry("a", 8),
            new Entry("new", 7),
            new Entry("z", 2));
    assertThat(before.grown(Map.of(), 0, 9, 1).entries()).isEqualTo(before.entries());
  }
}
