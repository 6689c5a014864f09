// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.rows.TextSplitter.Unit;

class TextCodecTest {
  private static Vocabulary vocabulary(String... tokens) {
    return Vocabulary.of(
        Stream.concat(Vocabulary.SPECIALS.stream(), Arrays.stream(tokens))
            .map(token -> new Vocabulary.Entry(token, 1))
            .toList());
  }

  private static TextCodec words(boolean lowerCase, String... tokens) {
    return TextCodec.of(new TextSplitter(Unit.WORDS, lowerCase), vocabulary(tokens));
  }

  /** Byte pairs of which none was learnt: each byte is a token. */
  private static TextCodec bytes() {
    List<Vocabulary.Entry> entries = new ArrayList<>(vocabulary().entries());
    entries.addAll(BpeTokenizer.bytes().vocabulary(new long[256]).entries());
    return TextCodec.of(new TextSplitter(Unit.BYTE_PAIRS, false), Vocabulary.of(entries));
  }

  private static int[] withoutEnd(int... ids) {
    return Arrays.copyOf(ids, ids.length - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        " begins with a blank",
        "ends with two  ",
        "zwei  Leerzeichen, ein\tTabulator\nund Zeilen\r\n",
        "नमस्ते 世界 😀👩‍👩‍👧",
        "<unk> and <eos> that somebody typed",
        "e\u0301 and é"
      })
  void byte_pairs_give_any_text_back(String text) {
    TextCodec codec = bytes();
    int[] ids = codec.ids(text);
    assertThat(ids[ids.length - 1]).isEqualTo(codec.end());
    assertThat(withoutEnd(ids)).doesNotContain(codec.end());
    assertThat(codec.unknown(ids)).isZero();
    assertThat(codec.text(withoutEnd(ids))).isEqualTo(text);
  }

  @Test
  void special_tokens_among_byte_pairs_stand_for_themselves() {
    TextCodec codec = bytes();
    int unknown = codec.vocabulary().id(Vocabulary.UNK);
    int[] ids = withoutEnd(codec.ids("é"));
    int[] split = {ids[0], ids[1], unknown, ids[2], unknown};
    // A letter of two bytes that is broken up is none.
    assertThat(codec.text(split)).isEqualTo("\uFFFD<unk>\uFFFD<unk>");
    assertThat(codec.text()).isEmpty();
  }

  @Test
  void tokens_that_are_no_byte_pairs_are_refused() {
    TextSplitter splitter = new TextSplitter(Unit.BYTE_PAIRS, false);
    assertThatThrownBy(() -> TextCodec.of(splitter, vocabulary("a", "b")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unknown_tokens_and_those_typed_like_the_end_are_counted() {
    TextCodec codec = words(false, "a", "b");
    assertThat(codec.ids("a c b")).containsExactly(2, 0, 3, 1);
    TextCodec blanks = TextCodec.of(new TextSplitter(Unit.BLANKS, false), vocabulary("a"));
    assertThat(blanks.ids("a <eos> a")).containsExactly(2, 0, 2, 1);
    assertThat(blanks.unknown(blanks.ids("a <eos> a"))).isEqualTo(1);
    assertThat(blanks.ids("")).containsExactly(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Unit.class,
      names = {"WORDS", "BLANKS", "CHARACTERS"})
  void a_text_of_known_tokens_is_given_back(Unit unit) {
    String text = "Das Boot, es sank.";
    TextSplitter splitter = new TextSplitter(unit, false);
    String[] known = splitter.split(text).stream().distinct().toArray(String[]::new);
    TextCodec codec = TextCodec.of(splitter, vocabulary(known));
    assertThat(codec.text(withoutEnd(codec.ids(text)))).isEqualTo(text);
  }

  @Test
  void answers_are_compared_in_small_letters_where_there_are_no_others() {
    assertThat(words(true, "das").reference("Das ÉCOLE")).isEqualTo("das école");
    assertThat(words(false, "das").reference("Das ÉCOLE")).isEqualTo("Das ÉCOLE");
  }
}
