// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What the tokenizers share whose lines end with {@link Vocabulary#EOS}. */
final class LineTokens {
  /** Behind the name of a tokenizer. */
  static final String LOWERCASE = "+lowercase";

  private LineTokens() {}

  static String name(String base, boolean lowercase) {
    return lowercase ? base + LOWERCASE : base;
  }

  static Map<String, Object> options(String base, boolean lowercase) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("name", base);
    options.put("lowercase", lowercase);
    return options;
  }

  /**
   * Each line gives its slices and then {@link Vocabulary#EOS}, the blank line nothing but that; a
   * last line counts without its newline too. Cutting text behind a newline does not change its
   * tokens.
   */
  static void tokenize(Tokenizer tokenizer, CharSequence text, Consumer<String> out) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Slicer slicer = tokenizer.slicer();
    Slicer.Sink sink = (slice, from, to) -> out.accept(tokenizer.token(slice, from, to));
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

  static String token(byte[] text, int from, int to, boolean lowercase) {
    String token = new String(text, from, to - from, StandardCharsets.UTF_8);
    return lowercase ? token.toLowerCase(Locale.ROOT) : token;
  }

  /** Tokens with blanks between them, and lines. */
  static String join(List<String> tokens) {
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
}
