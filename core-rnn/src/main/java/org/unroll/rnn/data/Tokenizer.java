// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A tokenizer makes tokens of text, and text of tokens. */
public sealed interface Tokenizer extends Serializable
    permits BpeTokenizer, CharTokenizer, LineTokenizer {

  /** Hands over the tokens of the text in their order. */
  void tokenize(CharSequence text, Consumer<String> out);

  /** Returns the text of these tokens. */
  default String join(List<String> tokens) {
    Joiner joiner = joiner();
    StringBuilder text = new StringBuilder();
    tokens.forEach(token -> text.append(joiner.add(token)));
    return text.append(joiner.end()).toString();
  }

  /** Returns what joins tokens to text as they come. */
  Joiner joiner();

  /**
   * A joiner makes text of tokens, one after the other. What it has told is never taken back, and
   * no character is told in parts: of tokens that end within one, its bytes wait for the others.
   */
  interface Joiner {
    /** Takes the next token and returns the text that it adds, which may be empty. */
    String add(String token);

    /** Returns the text of what still waits when no token follows; nothing may be added then. */
    default String end() {
      return "";
    }
  }

  /** Returns the name that {@link #of} knows it by, with its options. */
  String name();

  /** Returns its name without options, and its options by their names, as JSON has them. */
  default Map<String, Object> options() {
    return Map.of("name", name());
  }

  /**
   * Returns whether each line of a text ends with {@link Vocabulary#EOS} and newlines are no
   * tokens; if not, newlines are text like any other.
   */
  boolean endsLines();

  /**
   * Returns what finds in place what {@link #tokenize} makes tokens of; each thread needs its own.
   *
   * @see #token
   */
  Slicer slicer();

  /**
   * Returns the token that a slice of text stands for; of byte pairs, whose slices are words, the
   * whole word.
   */
  String token(byte[] text, int from, int to);

  /**
   * Returns the tokenizer of this name, whose tokens these are.
   *
   * @param name of any tokenizer; that of byte pairs is made of the vocabulary
   * @throws IllegalArgumentException if there is none
   */
  static Tokenizer of(String name, Vocabulary vocabulary) {
    return name.equals(BpeTokenizer.NAME) ? BpeTokenizer.of(vocabulary) : of(name);
  }

  /**
   * Returns the tokenizer of this name:
   *
   * <ul>
   *   <li>{@code char} for Unicode code points,
   *   <li>{@code word} for what stands between white space,
   *   <li>{@code wordpunct} for runs of letters, runs of digits, and all other characters on their
   *       own,
   *   <li>{@code regex:PATTERN} for what a {@link java.util.regex.Pattern} finds,
   *   <li>the last three with {@code +lowercase} behind their name, such as {@code
   *       regex+lowercase:PATTERN}, for tokens in lower case.
   * </ul>
   *
   * @throws IllegalArgumentException if there is none, or the pattern is none
   */
  static Tokenizer of(String name) {
    Tokenizer ofLines = LineTokenizer.ofNameOrNull(name);
    if (ofLines != null) {
      return ofLines;
    }
    if (name.equals(CharTokenizer.NAME)) {
      return new CharTokenizer();
    }
    throw new IllegalArgumentException(
        name.equals(BpeTokenizer.NAME)
            ? "byte pairs (bpe) are learnt from a text, and come with its vocabulary"
            : "there is no unit '" + name + "'; there are char, word, wordpunct, regex and bpe");
  }
}
