// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
