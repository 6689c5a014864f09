// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
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

  /** Finds what has Unicode's property White_Space, in UTF-8. */
  private static final class WhiteSpace {
    /**
     * The kinds of first bytes: 0 for none, 1 for white space, 2 for what may begin white space.
     */
    private static final byte[] KINDS = new byte[256];

    static {
      KINDS[' '] = 1;
      for (int c = '\t'; c <= '\r'; c++) {
        KINDS[c] = 1;
      }
      for (int lead : new int[] {0xC2, 0xE1, 0xE2, 0xE3}) {
        KINDS[lead] = 2;
      }
    }

    private WhiteSpace() {}

    /** Returns the bytes of the white space character that begins at a place; 0 if none does. */
    static int length(byte[] text, int at, int to) {
      int kind = KINDS[text[at] & 0xff];
      return kind < 2 ? kind : wide(text, at, to);
    }

    private static int wide(byte[] text, int at, int to) {
      int b = at + 1 < to ? text[at + 1] & 0xff : 0;
      int c = at + 2 < to ? text[at + 2] & 0xff : 0;
      boolean is =
          switch (text[at] & 0xff) {
            case 0xC2 -> b == 0x85 || b == 0xA0;
            case 0xE1 -> b == 0x9A && c == 0x80;
            case 0xE2 ->
                b == 0x80 && (c <= 0x8A && c >= 0x80 || c == 0xA8 || c == 0xA9 || c == 0xAF)
                    || b == 0x81 && c == 0x9F;
            default -> b == 0x80 && c == 0x80;
          };
      return !is ? 0 : (text[at] & 0xff) == 0xC2 ? 2 : 3;
    }
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
