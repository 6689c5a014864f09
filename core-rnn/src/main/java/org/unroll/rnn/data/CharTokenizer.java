// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.function.Consumer;

/** Makes a token of every Unicode code point, of line ends too; splits no surrogate pair. */
record CharTokenizer() implements Tokenizer {
  static final String NAME = "char";

  /**
   * The tokens that most text is made of. They are shared, so that a token costs no object and its
   * hash is computed once.
   */
  private static final String[] ASCII = new String[128];

  static {
    for (int c = 0; c < ASCII.length; c++) {
      ASCII[c] = Character.toString(c);
    }
  }

  @Override
  public void tokenize(CharSequence text, Consumer<String> out) {
    for (int i = 0; i < text.length(); ) {
      int codePoint = Character.codePointAt(text, i);
      out.accept(codePoint < ASCII.length ? ASCII[codePoint] : Character.toString(codePoint));
      i += Character.charCount(codePoint);
    }
  }

  @Override
  public Joiner joiner() {
    return token -> token;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean endsLines() {
    return false;
  }

  @Override
  public Slicer slicer() {
    return CharTokenizer::cut;
  }

  @Override
  public String token(byte[] text, int from, int to) {
    return text[from] >= 0 ? ASCII[text[from]] : Character.toString(Utf8.codePoint(text, from));
  }

  private static void cut(byte[] text, int from, int to, Slicer.Sink out) {
    for (int i = from; i < to; ) {
      int end = i + Utf8.length(text[i]);
      out.slice(text, i, end);
      i = end;
    }
  }
}
