// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextSplitterTest {
  private static String words(String text) {
    return String.join("|", new TextSplitter(TextSplitter.Unit.WORDS, true).split(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "A film.<br /><br />Great!!!!! ; a|film|.|great|!!!",
        "don't 'quote' dogs' it’s ; don|'t|'|quote|'|dogs|'|it|’s",
        "3.5/10, 1,000 and 2. ; 3.5|/|10|,|1,000|and|2|.",
        "Ünïcode naïve ÉCOLE ; ünïcode|naïve|école",
        "世界 is 世 ; 世|界|is|世",
        "हिन्दी ; हिन्दी",
        "a < b <3 <i>x</i> <notclosed ; a|<|b|<|3|x|<|notclosed",
        "so... good?! ; so|...|good|?|!",
        "😀😀😀😀😀 ok ; 😀😀😀|ok"
      })
  void words_stand_apart_from_punctuation(String text, String expected) {
    assertThat(words(text)).isEqualTo(expected);
  }

  @Test
  void white_space_and_controls_of_all_kinds_are_no_tokens() {
    assertThat(words("a\u0085b\u00a0c\u2028d\u200be\u0000f\t\n")).isEqualTo("a|b|c|d|e|f");
    assertThat(words(" \n")).isEmpty();
  }

  @Test
  void tokens_can_be_what_stands_between_blanks_or_characters() {
    assertThat(new TextSplitter(TextSplitter.Unit.BLANKS, false).split(" B-NP  I-NP\tO "))
        .containsExactly("B-NP", "I-NP", "O");
    assertThat(new TextSplitter(TextSplitter.Unit.CHARACTERS, false).split("a 😀B"))
        .containsExactly("a", " ", "😀", "B");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A man, a plan; a canal: Panama!",
        "He said \"go away\", and she 'left'.",
        "It isn't the dog's, is it?",
        "Costs $5 (or 3.5 %), that's 1,000 in all...",
        "A well-known and/or so_called thing [1].",
        "„Ja“, sagte sie, «oui».",
        "世界是平的。",
        "Two 😀😀 faces"
      })
  void words_are_put_together_as_print_has_them(String text) {
    TextSplitter words = new TextSplitter(TextSplitter.Unit.WORDS, false);
    String joined = words.join(words.split(text));
    assertThat(joined.replace("3.5%", "3.5 %")).isEqualTo(text);
    assertThat(words.split(joined)).isEqualTo(words.split(text));
  }

  @Test
  void tokens_of_other_units_are_put_together_as_they_were_cut() {
    String text = "a  b\t😀c ";
    TextSplitter characters = new TextSplitter(TextSplitter.Unit.CHARACTERS, false);
    assertThat(characters.join(characters.split(text))).isEqualTo(text);
    TextSplitter blanks = new TextSplitter(TextSplitter.Unit.BLANKS, false);
    assertThat(blanks.join(blanks.split(text))).isEqualTo("a b 😀c");
    TextSplitter whole = new TextSplitter(TextSplitter.Unit.WHOLE, false);
    assertThat(whole.join(whole.split(text))).isEqualTo(text);
    for (TextSplitter.Unit unit : TextSplitter.Unit.values()) {
      assertThat(new TextSplitter(unit, false).join(List.of())).isEmpty();
    }
  }

  @Test
  void any_tokens_can_be_put_together() {
    TextSplitter words = new TextSplitter(TextSplitter.Unit.WORDS, false);
    // As a network may write them that has learnt little.
    assertThat(words.join(List.of(",", ",", "(", ")", "\"", "<unk>", "-", ".")))
        .isEqualTo(",, () \"<unk>-.");
  }
}
