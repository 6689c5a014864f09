// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * This tokenizer makes words of lines. Each line gives its words and then {@link Vocabulary#EOS},
 * the blank line nothing but that; a last line counts without its newline too. Cutting text behind
 * a newline does not change its tokens.
 *
 * @param kind what a word is
 * @param lowercase whether tokens are put in lower case
 * @param pattern the regular expression of {@link Kind#REGEX}; otherwise null
 */
record LineTokenizer(Kind kind, boolean lowercase, String pattern) implements Tokenizer {
  /** The option behind the name of a tokenizer of lower case. */
  private static final String LOWERCASE = "+lowercase";

  /** The kinds of words, whose names in lower case are the tokenizers'. */
  enum Kind {
    /** A word is what stands between white space. */
    WORD,
    /** A word is a run of letters or of digits, or any other character by itself. */
    WORDPUNCT,
    /** A word is what a regular expression finds; what lies between is left out. */
    REGEX;

    private String title() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  LineTokenizer {
    try {
      Pattern.compile(pattern == null ? "" : pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + pattern + "' is no regular expression: " + e.getDescription(), e);
    }
  }

  /** Returns the tokenizer of a name with its options; null if it is none of lines. */
  static LineTokenizer ofNameOrNull(String name) {
    int colon = name.indexOf(':');
    String option = colon < 0 ? name : name.substring(0, colon);
    boolean lowercase = option.endsWith(LOWERCASE);
    String title = lowercase ? option.substring(0, option.length() - LOWERCASE.length()) : option;
    for (Kind kind : Kind.values()) {
      if (kind.title().equals(title) && (kind == Kind.REGEX) == (colon >= 0)) {
        return new LineTokenizer(kind, lowercase, colon < 0 ? null : name.substring(colon + 1));
      }
    }
    return null;
  }

  @Override
  public void tokenize(CharSequence text, Consumer<String> out) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Slicer slicer = slicer();
    Slicer.Sink sink = (slice, from, to) -> out.accept(token(slice, from, to));
    for (int start = 0; start < bytes.length; ) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      slicer.cut(bytes, start, end, sink);
      out.accept(Vocabulary.EOS);
      start = end + 1;
    }
  }

  /** Returns what puts blanks between tokens, in lines. */
  @Override
  public Joiner joiner() {
    return new Joiner() {
      private boolean lineStart = true;

      @Override
      public String add(String token) {
        boolean first = lineStart;
        lineStart = token.equals(Vocabulary.EOS);
        return lineStart ? "\n" : first ? token : " " + token;
      }
    };
  }

  @Override
  public String name() {
    String name = lowercase ? kind.title() + LOWERCASE : kind.title();
    return pattern == null ? name : name + ":" + pattern;
  }

  @Override
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("name", kind.title());
    options.put("lowercase", lowercase);
    if (pattern != null) {
      options.put("pattern", pattern);
    }
    return options;
  }

  @Override
  public Slicer slicer() {
    return switch (kind) {
      case WORD -> LineTokenizer::cutWords;
      case WORDPUNCT -> new Runs();
      case REGEX -> new Matches(Pattern.compile(pattern));
    };
  }

  @Override
  public boolean endsLines() {
    return true;
  }

  @Override
  public String token(byte[] text, int from, int to) {
    String token = new String(text, from, to - from, StandardCharsets.UTF_8);
    return lowercase ? token.toLowerCase(Locale.ROOT) : token;
  }

  /** Cuts out what stands between white space. */
  private static void cutWords(byte[] text, int from, int to, Slicer.Sink out) {
    int start = from;
    for (int i = from; i < to; ) {
      int blank = whiteSpace(text, i);
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

  /** Returns the bytes of the white space character that begins at a place; 0 if none does. */
  private static int whiteSpace(byte[] text, int at) {
    int first = text[at] & 0xff;
    if (first < 0x80) {
      return Runs.ASCII[first] == Runs.SPACE ? 1 : 0;
    }
    // No other bytes begin white space.
    boolean mayBe = first == 0xC2 || first >= 0xE1 && first <= 0xE3;
    boolean is = mayBe && Runs.kind(Utf8.codePoint(text, at)) == Runs.SPACE;
    return is ? Utf8.length(text[at]) : 0;
  }

  /**
   * Cuts out runs of letters (with their marks and joiners), runs of decimal digits, and every
   * other character by itself, but white space, which is left out.
   */
  private static final class Runs implements Slicer {
    private static final byte OTHER = 0;
    private static final byte SPACE = 1;
    private static final byte LETTER = 2;
    private static final byte DIGIT = 3;

    private static final byte[] ASCII = new byte[128];

    static {
      for (int c = 0; c < ASCII.length; c++) {
        ASCII[c] = kind(c);
      }
    }

    @Override
    public void cut(byte[] text, int from, int to, Sink out) {
      int start = from;
      byte run = SPACE;
      for (int i = from; i < to; ) {
        byte kind = text[i] >= 0 ? ASCII[text[i]] : kind(Utf8.codePoint(text, i));
        if (kind != run || kind == OTHER) {
          if (run != SPACE) {
            out.slice(text, start, i);
          }
          run = kind;
          start = i;
        }
        i += Utf8.length(text[i]);
      }
      if (run != SPACE) {
        out.slice(text, start, to);
      }
    }

    private static byte kind(int c) {
      if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || Character.isSpaceChar(c)) {
        return SPACE;
      }
      return switch (Character.getType(c)) {
        case Character.UPPERCASE_LETTER,
            Character.LOWERCASE_LETTER,
            Character.TITLECASE_LETTER,
            Character.MODIFIER_LETTER,
            Character.OTHER_LETTER,
            Character.LETTER_NUMBER,
            Character.NON_SPACING_MARK,
            Character.COMBINING_SPACING_MARK,
            Character.ENCLOSING_MARK ->
            LETTER;
        case Character.DECIMAL_DIGIT_NUMBER -> DIGIT;
        case Character.FORMAT -> c == 0x200C || c == 0x200D ? LETTER : OTHER; // joiners
        default -> OTHER;
      };
    }
  }

  /** Cuts out what a regular expression finds, one behind the other. */
  private record Matches(Pattern pattern) implements Slicer {

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
            ("the regular expression '%s' takes too much memory for a line of %s"
                    + " characters; write it without nested repetitions")
                .formatted(pattern, line.length()),
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
