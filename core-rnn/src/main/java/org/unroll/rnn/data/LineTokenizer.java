// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A tokenizer of words. Each line gives its words and then {@link Vocabulary#EOS}, the blank line
 * nothing but that; a last line counts without its newline too. Cutting text behind a newline does
 * not change its tokens.
 */
sealed interface LineTokenizer extends Tokenizer
    permits RegexTokenizer, WordPunctTokenizer, WordTokenizer {
  /** The option behind the name of a tokenizer of lower case. */
  String LOWERCASE = "+lowercase";

  /** Returns its name without options. */
  String kind();

  /** Returns whether tokens are put in lower case. */
  boolean lowercase();

  @Override
  default void tokenize(CharSequence text, Consumer<String> out) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Slicer slicer = slicer();
    Slicer.Sink sink = (slice, from, to) -> out.accept(token(slice, from, to));
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        slicer.cut(bytes, start, i, sink);
        out.accept(Vocabulary.EOS);
        start = i + 1;
      }
    }
    if (start < bytes.length) {
      slicer.cut(bytes, start, bytes.length, sink);
      out.accept(Vocabulary.EOS);
    }
  }

  /** Returns the tokens with blanks between them, in lines. */
  @Override
  default String join(List<String> tokens) {
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
  default String name() {
    return lowercase() ? kind() + LOWERCASE : kind();
  }

  @Override
  default Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("name", kind());
    options.put("lowercase", lowercase());
    return options;
  }

  @Override
  default boolean endsLines() {
    return true;
  }

  @Override
  default String token(byte[] text, int from, int to) {
    String token = new String(text, from, to - from, StandardCharsets.UTF_8);
    return lowercase() ? token.toLowerCase(Locale.ROOT) : token;
  }
}
