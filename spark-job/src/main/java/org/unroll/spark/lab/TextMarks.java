// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;

/**
 * The marks of a text are what a reader sees in it, token by token, as numbers: where in the line
 * it is, whether a quotation is open. Units of trained networks have been found to follow such
 * things (Karpathy, Johnson and Fei-Fei 2015, "Visualizing and understanding recurrent networks").
 */
final class TextMarks {
  private static final String NEWLINE = "\n";
  private static final String QUOTE = "\"";
  private static final String QUOTES_OPEN = "“„«";
  private static final String QUOTES_CLOSE = "”»";
  private static final String BRACKETS_OPEN = "([{";
  private static final String BRACKETS_CLOSE = ")]}";

  private final Map<String, double[]> values = new LinkedHashMap<>();

  private TextMarks(List<String> tokens) {
    double[] line = mark("position in the line", tokens);
    double[] begins = mark("the beginning of a line", tokens);
    double[] quoted = mark("an open quotation", tokens);
    double[] brackets = mark("an open bracket", tokens);
    double[] word = mark("position in the word", tokens);
    double[] blank = mark("blanks", tokens);
    double[] capital = mark("capital letters", tokens);
    double[] digit = mark("digits", tokens);
    double[] punctuation = mark("punctuation", tokens);
    double[] text = mark("position in the text", tokens);
    int depth = 0;
    boolean open = false;
    for (int t = 0; t < line.length; t++) {
      String token = tokens.get(t);
      int first = token.codePointAt(0);
      boolean starts = t == 0 || endsLine(tokens.get(t - 1));
      line[t] = starts ? 0 : line[t - 1] + 1;
      begins[t] = starts ? 1 : 0;
      open = token.equals(QUOTE) ? !open : (open || in(QUOTES_OPEN, token)) && !closes(token);
      quoted[t] = open ? 1 : 0;
      depth += in(BRACKETS_OPEN, token) ? 1 : in(BRACKETS_CLOSE, token) && depth > 0 ? -1 : 0;
      brackets[t] = depth > 0 ? 1 : 0;
      boolean letter = Character.isLetter(first);
      word[t] = !letter ? 0 : t == 0 ? 1 : word[t - 1] + 1;
      blank[t] = Character.isWhitespace(first) ? 1 : 0;
      capital[t] = Character.isUpperCase(first) ? 1 : 0;
      digit[t] = Character.isDigit(first) ? 1 : 0;
      punctuation[t] = !Character.isLetterOrDigit(first) && blank[t] == 0 ? 1 : 0;
      text[t] = t;
    }
    if (tokens.stream().anyMatch(token -> isWord(token))) {
      values.remove("position in the word"); // the place in a line, less its punctuation
    }
  }

  private double[] mark(String name, List<String> tokens) {
    return values.computeIfAbsent(name, n -> new double[tokens.size()]);
  }

  private static boolean isWord(String token) {
    return token.codePointCount(0, token.length()) > 1 && !token.equals(Vocabulary.EOS);
  }

  private static boolean endsLine(String token) {
    return token.equals(NEWLINE) || token.equals(Vocabulary.EOS);
  }

  private static boolean closes(String token) {
    return in(QUOTES_CLOSE, token);
  }

  private static boolean in(String some, String token) {
    return token.length() == 1 && some.contains(token);
  }

  /** Returns the marks of some tokens by name, those that change with the text. */
  static Map<String, double[]> of(List<String> tokens) {
    Map<String, double[]> marks = new TextMarks(tokens).values;
    marks.values().removeIf(TextMarks::stands);
    return marks;
  }

  private static boolean stands(double... values) {
    for (double value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }
}
