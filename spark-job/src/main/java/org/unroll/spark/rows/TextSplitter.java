// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Cuts the text of a row into tokens.
 *
 * @param unit what a token is
 * @param lowerCase whether capitals become small letters
 */
public record TextSplitter(Unit unit, boolean lowerCase) implements Serializable {

  /** The kinds of tokens. */
  public enum Unit {
    /**
     * A token is a run of letters, digits and marks in any script; a mark of punctuation; the part
     * of a word from an apostrophe on ({@code don't} is {@code don} and {@code 't}). Ideographs
     * stand alone, a mark that is repeated counts three times at most and is one token, numbers
     * keep their points, and tags such as {@code <br />} are blanks.
     */
    WORDS("wordpunct"),
    /** A token is a run of anything but white space. */
    BLANKS("word"),
    /** A token is a Unicode code point. */
    CHARACTERS("char"),
    /** The whole text is one token. */
    WHOLE("text"),
    /** As whole, until byte pairs are learnt that cut it. */
    BYTE_PAIRS("bpe");

    private final String option;

    Unit(String option) {
      this.option = option;
    }

    /** Returns the name that {@code --unit} has for it. */
    public String option() {
      return option;
    }
  }

  private static final String LOWERCASE = "+lowercase";
  private static final int LONGEST_TAG = 100;
  private static final int MOST_REPEATED = 3;

  /** The marks, alone or repeated, that stand directly behind a word. */
  private static final String CLOSING = ".,;:!?)]}%\u2026\u201d\u00bb\u3001\u3002";

  private static final String LOW_QUOTE = "\u201e";
  private static final String HIGH_QUOTE = "\u201c";
  private static final Set<String> OPENING =
      Set.of("(", "[", "{", "$", "\u20ac", "\u00a3", "#", "@", LOW_QUOTE, HIGH_QUOTE, "\u00ab");
  private static final Set<String> BETWEEN = Set.of("-", "/", "\u2010", "_");
  private static final Set<String> QUOTES = Set.of("\"", "'", "`");

  /**
   * Returns the splitter of a name, or null if it is none of a splitter, as that of byte pairs is
   * not, which come with a vocabulary; see {@link #name}.
   */
  public static TextSplitter ofNameOrNull(String name) {
    boolean lowerCase = name.endsWith(LOWERCASE);
    String unit = lowerCase ? name.substring(0, name.length() - LOWERCASE.length()) : name;
    return Stream.of(Unit.values())
        .filter(known -> known.option.equals(unit) && known != Unit.BYTE_PAIRS)
        .map(known -> new TextSplitter(known, lowerCase))
        .findFirst()
        .orElse(null);
  }

  /** Returns the name of its unit, with {@code +lowercase} where capitals become small letters. */
  public String name() {
    return unit.option + (lowerCase ? LOWERCASE : "");
  }

  /** Returns the tokens of a text in their order. */
  public List<String> split(String text) {
    List<String> tokens = new ArrayList<>();
    switch (unit) {
      case WORDS -> words(text, tokens);
      case BLANKS -> blanks(text, tokens);
      case WHOLE -> tokens.add(text);
      case BYTE_PAIRS -> {
        if (!text.isBlank()) {
          tokens.add(text);
        }
      }
      case CHARACTERS -> text.codePoints().forEach(c -> tokens.add(Character.toString(c)));
    }
    tokens.replaceAll(this::cased);
    return tokens;
  }

  /** Returns a token as the splitter has it, with small letters if it is to have them. */
  public String cased(String token) {
    return lowerCase ? token.toLowerCase(Locale.ROOT) : token;
  }

  /**
   * Returns a text whose tokens these are. Where it cannot be known whether a blank stood between
   * two, the rules of print decide: none before a mark that closes and behind one that opens, none
   * around a hyphen or a slash, and quotation marks open and close by turns.
   */
  public String join(List<String> tokens) {
    return switch (unit) {
      case BLANKS -> String.join(" ", tokens);
      case CHARACTERS, WHOLE, BYTE_PAIRS -> String.join("", tokens);
      case WORDS -> joinWords(tokens);
    };
  }

  private static String joinWords(List<String> tokens) {
    StringBuilder text = new StringBuilder();
    boolean quoted = false;
    boolean low = false;
    boolean glued = true;
    String before = "";
    for (String token : tokens) {
      boolean quote = QUOTES.contains(token);
      // What opens a quotation in English closes it in German.
      boolean high = low && token.equals(HIGH_QUOTE);
      boolean closes = quote ? quoted : high || isClosing(token) || isIdeographic(before, token);
      text.append(glued || closes ? "" : " ").append(token);
      glued = quote ? !quoted : !high && (OPENING.contains(token) || BETWEEN.contains(token));
      quoted ^= quote;
      low = token.equals(LOW_QUOTE) || low && !high;
      before = token;
    }
    return text.toString();
  }

  private static boolean isClosing(String token) {
    char first = token.charAt(0);
    boolean ending = (first == '\'' || first == '\u2019') && token.length() > 1;
    return ending || BETWEEN.contains(token) || CLOSING.indexOf(first) >= 0;
  }

  private static boolean isIdeographic(String left, String right) {
    return !left.isEmpty()
        && Character.isIdeographic(left.codePointBefore(left.length()))
        && Character.isIdeographic(right.codePointAt(0));
  }

  private static void blanks(String text, List<String> tokens) {
    int end = 0;
    while (end < text.length()) {
      int start = end;
      while (start < text.length() && isWhiteSpace(text.charAt(start))) {
        start++;
      }
      end = start;
      while (end < text.length() && !isWhiteSpace(text.charAt(end))) {
        end++;
      }
      if (start < end) {
        tokens.add(text.substring(start, end));
      }
    }
  }

  private static void words(String text, List<String> tokens) {
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      int end = i + Character.charCount(c);
      if (c == '<' && tagEnd(text, i) > 0) {
        end = tagEnd(text, i);
      } else if (Character.isIdeographic(c)) {
        tokens.add(text.substring(i, end));
      } else if (isWordPart(c) || isApostrophe(text, i)) {
        end = wordEnd(text, end);
        tokens.add(text.substring(i, end));
      } else if (!isWhiteSpace(c) && !isInvisible(c)) {
        end = repeatedEnd(text, i, c);
        int kept = Math.min(end - i, MOST_REPEATED * Character.charCount(c));
        tokens.add(text.substring(i, i + kept));
      }
      i = end;
    }
  }

  private static int wordEnd(String text, int from) {
    int i = from;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (Character.isIdeographic(c) || (!isWordPart(c) && !isInsideNumber(text, i))) {
        return i;
      }
      i += Character.charCount(c);
    }
    return i;
  }

  private static int repeatedEnd(String text, int from, int c) {
    int i = from;
    while (i < text.length() && text.codePointAt(i) == c) {
      i += Character.charCount(c);
    }
    return i;
  }

  private static boolean isWordPart(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> Character.isLetterOrDigit(c) || Character.getType(c) == Character.LETTER_NUMBER;
    };
  }

  /** Returns whether a point or comma stands between two digits. */
  private static boolean isInsideNumber(String text, int i) {
    char c = text.charAt(i);
    return (c == '.' || c == ',')
        && Character.isDigit(text.charAt(i - 1))
        && i + 1 < text.length()
        && Character.isDigit(text.charAt(i + 1));
  }

  /** Returns whether an apostrophe has a letter on either side, and so is no quotation mark. */
  private static boolean isApostrophe(String text, int i) {
    char c = text.charAt(i);
    return (c == '\'' || c == '\u2019')
        && i > 0
        && i + 1 < text.length()
        && Character.isLetter(text.charAt(i - 1))
        && Character.isLetter(text.charAt(i + 1));
  }

  /** Returns the end of a tag that begins here, or -1: {@code a < b} and {@code <3} are none. */
  private static int tagEnd(String text, int start) {
    int i = start + 1;
    if (i < text.length() && text.charAt(i) == '/') {
      i++;
    }
    if (i >= text.length() || !isAsciiLetter(text.charAt(i))) {
      return -1;
    }
    int last = Math.min(text.length(), start + LONGEST_TAG);
    for (; i < last && text.charAt(i) != '<'; i++) {
      if (text.charAt(i) == '>') {
        return i + 1;
      }
    }
    return -1;
  }

  private static boolean isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** Returns whether a character has Unicode's property White_Space. */
  private static boolean isWhiteSpace(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || Character.isSpaceChar(c);
  }

  private static boolean isInvisible(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL || type == Character.FORMAT;
  }
}
