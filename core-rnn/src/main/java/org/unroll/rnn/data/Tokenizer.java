// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.util.List;
import java.util.function.Consumer;

/** How text becomes tokens, and tokens text again. */
public sealed interface Tokenizer extends Serializable permits CharTokenizer, WordTokenizer {

  /** Hands over the tokens of the text in their order. */
  void tokenize(CharSequence text, Consumer<String> out);

  /** Text of these tokens. */
  String join(List<String> tokens);

  /** What {@link #of} knows it by. */
  String name();

  /**
   * The tokenizer of this name, whose tokens these are.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Tokenizer of(String name, Vocabulary vocabulary) {
    return of(name);
  }

  /**
   * The tokenizer of this name: {@code char} for Unicode code points, {@code word} for what stands
   * between white space.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Tokenizer of(String name) {
    return switch (name) {
      case CharTokenizer.NAME -> new CharTokenizer();
      case WordTokenizer.NAME -> new WordTokenizer();
      default ->
          throw new IllegalArgumentException(
              "there is no unit '"
                  + name
                  + "'; there are "
                  + CharTokenizer.NAME
                  + " and "
                  + WordTokenizer.NAME);
    };
  }
}
