// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Words are what stands between white space. Each line gives its words and then {@link
 * Vocabulary#EOS}, the blank line nothing but that; a last line counts without its newline too.
 * Cutting text behind a newline does not change its tokens.
 *
 * @param lowercase whether tokens are put in lower case
 */
record WordTokenizer(boolean lowercase) implements Tokenizer {
  static final String NAME = "word";

  @Override
  public void tokenize(CharSequence text, Consumer<String> out) {
    LineTokens.tokenize(this, text, out);
  }

  @Override
  public String join(List<String> tokens) {
    return LineTokens.join(tokens);
  }

  @Override
  public String name() {
    return LineTokens.name(NAME, lowercase);
  }

  @Override
  public Map<String, Object> options() {
    return LineTokens.options(NAME, lowercase);
  }

  @Override
  public boolean endsLines() {
    return true;
  }

  @Override
  public Slicer slicer() {
    return new Words();
  }

  @Override
  public String token(byte[] text, int from, int to) {
    return LineTokens.token(text, from, to, lowercase);
  }

  private static final class Words extends Slicer {
    @Override
    public void cut(byte[] text, int from, int to, Sink out) {
      int start = from;
      for (int i = from; i < to; ) {
        int blank = WhiteSpace.length(text, i, to);
        if (blank == 0) {
          i++;
        } else {
          if (start < i) {
            out.slice(text, start, i);
          }
          i += blank;
          start = i;
        }
      }
      if (start < to) {
        out.slice(text, start, to);
      }
    }
  }
}
