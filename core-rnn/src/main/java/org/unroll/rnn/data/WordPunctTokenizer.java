// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/**
 * Makes tokens of the words, numbers and punctuation of running text: a run of letters (with their
 * marks and joiners) is a token, a run of decimal digits is one, and so is every other character
 * but white space, which is left out. Lines end with {@link Vocabulary#EOS}.
 *
 * @param lowercase whether tokens are put in lower case
 */
record WordPunctTokenizer(boolean lowercase) implements LineTokenizer {
  static final String NAME = "wordpunct";

  @Override
  public String kind() {
    return NAME;
  }

  @Override
  public Slicer slicer() {
    return new Runs();
  }

  private static final class Runs extends Slicer {
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
}
