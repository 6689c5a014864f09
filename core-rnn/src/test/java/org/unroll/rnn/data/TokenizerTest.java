// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenizerTest {
  private static final Tokenizer CHARS = Tokenizer.of("char");
  private static final Tokenizer WORDS = Tokenizer.of("word");

  private static List<String> tokens(Tokenizer tokenizer, String text) {
    List<String> tokens = new ArrayList<>();
    tokenizer.tokenize(text, tokens::add);
    return tokens;
  }

  @Test
  void characters_are_code_points_and_surrogate_pairs_stay_together() {
    String text = "a\u00e9\n\ud83d\ude00\u4e16\ud800\udf48\r";
    assertThat(tokens(CHARS, text))
        .containsExactly("a", "\u00e9", "\n", "\ud83d\ude00", "\u4e16", "\ud800\udf48", "\r");
  }

  @Test
  void characters_join_to_the_same_text() {
    String text = "Tab\t, nul \0, combining e\u0301, flag \ud83c\udde9\ud83c\uddea.\n\n";
    assertThat(CHARS.join(tokens(CHARS, text))).isEqualTo(text);
  }

  @Test
  void words_stand_between_white_space_and_lines_end_with_eos() {
    assertThat(tokens(WORDS, " the  cat\tsat\non it .\n"))
        .containsExactly("the", "cat", "sat", "<eos>", "on", "it", ".", "<eos>");
  }

  @Test
  void a_last_line_without_newline_ends_too() {
    assertThat(tokens(WORDS, "a\nb")).containsExactly("a", "<eos>", "b", "<eos>");
    assertThat(tokens(WORDS, "a\nb\n")).containsExactly("a", "<eos>", "b", "<eos>");
    assertThat(tokens(WORDS, "a\n  ")).containsExactly("a", "<eos>", "<eos>");
  }

  @Test
  void a_blank_line_is_one_eos_and_no_text_is_nothing() {
    assertThat(tokens(WORDS, "a\n\n \nb\n"))
        .containsExactly("a", "<eos>", "<eos>", "<eos>", "b", "<eos>");
    assertThat(tokens(WORDS, "\n")).containsExactly("<eos>");
    assertThat(tokens(WORDS, "")).isEmpty();
    assertThat(tokens(CHARS, "")).isEmpty();
  }

  @Test
  void white_space_is_unicodes_and_only_newline_ends_a_line() {
    assertThat(tokens(WORDS, "a\r\nb\u00a0c\u3000d\u2028e\u0085f\u000bg\u202fh\n"))
        .containsExactly("a", "<eos>", "b", "c", "d", "e", "f", "g", "h", "<eos>");
    assertThat(tokens(WORDS, "zero\u200bwidth unit\u001fseparator\n"))
        .containsExactly("zero\u200bwidth", "unit\u001fseparator", "<eos>");
  }

  @Test
  void words_may_have_any_code_points() {
    assertThat(tokens(WORDS, "\ud83d\ude00\ud83d\ude01 \u00fcber\n"))
        .containsExactly("\ud83d\ude00\ud83d\ude01", "\u00fcber", "<eos>");
  }

  @Test
  void words_join_with_blanks_and_newlines_and_tokenize_to_the_same() {
    List<String> tokens = List.of("the", "cat", "<eos>", "<eos>", "<unk>", "sat", "<eos>");
    assertThat(WORDS.join(tokens)).isEqualTo("the cat\n\n<unk> sat\n");
    assertThat(tokens(WORDS, WORDS.join(tokens))).isEqualTo(tokens);
    assertThat(WORDS.join(List.of("no", "end"))).isEqualTo("no end");
    assertThat(WORDS.join(List.of())).isEmpty();
  }

  @Test
  void cutting_behind_a_newline_does_not_change_the_tokens() {
    String text = "one two\n\n three\nfour";
    for (Tokenizer tokenizer : List.of(CHARS, WORDS)) {
      for (int cut = 0; cut <= text.length(); cut++) {
        if (cut > 0 && text.charAt(cut - 1) == '\n') {
          List<String> parts = tokens(tokenizer, text.substring(0, cut));
          parts.addAll(tokens(tokenizer, text.substring(cut)));
          assertThat(parts).as("cut at %d", cut).isEqualTo(tokens(tokenizer, text));
        }
      }
    }
  }

  @Test
  void the_name_leads_back_to_the_tokenizer() {
    assertThat(Tokenizer.of(CHARS.name())).isEqualTo(CHARS);
    assertThat(Tokenizer.of(WORDS.name())).isEqualTo(WORDS);
    assertThatThrownBy(() -> Tokenizer.of("chars"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no unit 'chars'; there are char and word");
  }
}
