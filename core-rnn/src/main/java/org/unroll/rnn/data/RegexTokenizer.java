// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Makes tokens of what a regular expression finds in each line, one behind the other; what lies
 * between is left out. Lines end with {@link Vocabulary#EOS}.
 *
 * @param pattern see {@link Pattern}
 * @param lowercase whether tokens are put in lower case
 */
record RegexTokenizer(String pattern, boolean lowercase) implements LineTokenizer {
  static final String NAME = "regex";

  /** Makes a tokenizer of a pattern, which it refuses if it is none. */
  static RegexTokenizer of(String pattern, boolean lowercase) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + pattern + "' is no regular expression: " + e.getDescription(), e);
    }
    return new RegexTokenizer(pattern, lowercase);
  }

  @Override
  public String kind() {
    return NAME;
  }

  @Override
  public String name() {
    return LineTokenizer.super.name() + ":" + pattern;
  }

  @Override
  public Map<String, Object> options() {
    Map<String, Object> options = LineTokenizer.super.options();
    options.put("pattern", pattern);
    return options;
  }

  @Override
  public Slicer slicer() {
    return new Matches(Pattern.compile(pattern));
  }

  private static final class Matches extends Slicer {
    private final Pattern pattern;

    Matches(Pattern pattern) {
      this.pattern = pattern;
    }

    @Override
    public void cut(byte[] text, int from, int to, Sink out) {
      String line = new String(text, from, to - from, StandardCharsets.UTF_8);
      Matcher matcher = pattern.matcher(line);
      try {
        while (matcher.find()) {
          if (matcher.end() > matcher.start()) {
            byte[] token = matcher.group().getBytes(StandardCharsets.UTF_8);
            out.slice(token, 0, token.length);
          }
        }
      } catch (StackOverflowError e) {
        throw new IllegalArgumentException(
            "the regular expression '"
                + pattern
                + "' takes too much memory for a line of "
                + line.length()
                + " characters; write it without nested repetitions",
            e);
      }
    }

    /** Cuts lines behind blanks alone, since what a pattern finds may depend on what follows. */
    @Override
    public int boundary(byte[] text, int from, int to) {
      int cut = to;
      while (cut > from && text[cut - 1] != ' ') {
        cut--;
      }
      return cut;
    }
  }
}
