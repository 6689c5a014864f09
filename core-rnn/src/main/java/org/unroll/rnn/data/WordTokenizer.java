// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.List;
import java.util.function.Consumer;

/**
 * Words are what stands between white space. Each line gives its words and then {@link
 * Vocabulary#EOS}, the blank line nothing but that; a last line counts without its newline too.
 * Cutting text behind a newline does not change its tokens.
 */
record WordTokenizer() implements Tokenizer {
  static final String NAME = "word";

  @Override
  public void tokenize(CharSequence text, Consumer<String> out) {
    int wordStart = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isWhiteSpace(c)) {
        endWord(text, wordStart, i, out);
        wordStart = i + 1;
        if (c == '\n') {
          out.accept(Vocabulary.EOS);
        }
      }
    }
    endWord(text, wordStart, text.length(), out);
    if (text.length() > 0 && text.charAt(text.length() - 1) != '\n') {
      out.accept(Vocabulary.EOS);
    }
  }

  private static void endWord(CharSequence text, int start, int end, Consumer<String> out) {
    if (start < end) {
      out.accept(text.subSequence(start, end).toString());
    }
  }

  /** Unicode's property White_Space, all of whose characters are in the basic plane. */
  private static boolean isWhiteSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\u0085' || Character.isSpaceChar(c);
  }

  @Override
  public String join(List<String> tokens) {
    StringBuilder text = new StringBuilder();
    boolean lineStart = true;
    for (String token : tokens) {
      if (token.equals(Vocabulary.EOS)) {
        text.append('\n');
        lineStart = true;
      } else {
        text.append(lineStart ? "" : " ").append(token);
        lineStart = false;
      }
    }
    return text.toString();
  }

  @Override
  public String name() {
    return NAME;
  }
}
