// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
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
        .hasMessage("there is no unit 'chars'; there are char, word, wordpunct, regex and bpe");
  }

  @Test
  void words_numbers_and_punctuation_are_kept_apart() {
    Tokenizer tokenizer = Tokenizer.of("wordpunct");
    assertThat(
            tokens(
                tokenizer, "Don't pay $3,450.50!\ncafe\u0301 na\u00efve_x2 \u4e16\u754c\u3002\n"))
        .containsExactly(
            "Don",
            "'",
            "t",
            "pay",
            "$",
            "3",
            ",",
            "450",
            ".",
            "50",
            "!",
            "<eos>",
            "cafe\u0301",
            "na\u00efve",
            "_",
            "x",
            "2",
            "\u4e16\u754c",
            "\u3002",
            "<eos>");
    assertThat(tokens(tokenizer, "\ud83d\ude00\ud83d\ude00 \u0663\u0664\u2028\ud835\udc00b"))
        .containsExactly("\ud83d\ude00", "\ud83d\ude00", "\u0663\u0664", "\ud835\udc00b", "<eos>");
  }

  @Test
  void a_pattern_finds_tokens_line_by_line() {
    Tokenizer tokenizer = Tokenizer.of("regex:[a-z]+|\\d");
    assertThat(tokens(tokenizer, "ab12 C:d\n\ne"))
        .containsExactly("ab", "1", "2", "d", "<eos>", "<eos>", "e", "<eos>");
    assertThat(tokens(Tokenizer.of("regex:x*"), "axxb")).containsExactly("xx", "<eos>");
  }

  @Test
  void tokens_are_put_in_lower_case_where_asked_for() {
    assertThat(tokens(Tokenizer.of("word+lowercase"), "The \u00dcBER <EOS>\n"))
        .containsExactly("the", "\u00fcber", "<eos>", "<eos>");
    assertThat(tokens(Tokenizer.of("wordpunct+lowercase"), "A.B"))
        .containsExactly("a", ".", "b", "<eos>");
    assertThat(tokens(Tokenizer.of("regex+lowercase:[A-Z]"), "aBc")).containsExactly("b", "<eos>");
  }

  @Test
  void names_carry_options() {
    for (String name :
        List.of(
            "char",
            "word",
            "word+lowercase",
            "wordpunct",
            "regex:a:b+lowercase",
            "regex+lowercase:x")) {
      assertThat(Tokenizer.of(name).name()).isEqualTo(name);
    }
    assertThat(Tokenizer.of("regex+lowercase:\\w+").options())
        .containsEntry("name", "regex")
        .containsEntry("lowercase", true)
        .containsEntry("pattern", "\\w+");
    assertThatThrownBy(() -> Tokenizer.of("regex:("))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'(' is no regular expression");
    assertThatThrownBy(() -> Tokenizer.of("char+lowercase"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Every place that a slicer names is one where cutting changes no slice. */
  @Test
  void a_long_line_may_be_cut_at_a_boundary() {
    String line =
        "The  quick (brown) fox's 12 \u4e16\u754c caf\u00e9\u00a0 jumps\t over "
            + "z".repeat(70)
            + "  end ";
    byte[] text = line.getBytes(StandardCharsets.UTF_8);
    for (Tokenizer tokenizer :
        List.of(
            CHARS,
            WORDS,
            Tokenizer.of("wordpunct"),
            Tokenizer.of("regex:\\S+"),
            BpeTokenizer.bytes())) {
      Slicer slicer = tokenizer.slicer();
      List<String> whole = slices(slicer, text, 0, text.length);
      for (int end = 1; end <= text.length; end++) {
        if (Utf8.wholeCharacters(text, 0, end) < end) {
          continue;
        }
        int cut = slicer.boundary(text, 0, end);
        List<String> parts = slices(slicer, text, 0, cut);
        parts.addAll(slices(slicer, text, cut, text.length));
        assertThat(parts).as("%s cut at %d", tokenizer.name(), cut).isEqualTo(whole);
      }
    }
  }

  private static List<String> slices(Slicer slicer, byte[] text, int from, int to) {
    List<String> slices = new ArrayList<>();
    slicer.cut(
        text,
        from,
        to,
        (bytes, start, end) ->
            slices.add(new String(bytes, start, end - start, StandardCharsets.UTF_8)));
    return slices;
  }
}
