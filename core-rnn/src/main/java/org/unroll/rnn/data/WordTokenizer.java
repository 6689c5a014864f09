// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/**
 * Makes words of what stands between white space.
 *
 * @param lowercase whether tokens are put in lower case
 */
record WordTokenizer(boolean lowercase) implements LineTokenizer {
  static final String NAME = "word";

  @Override
  public String kind() {
    return NAME;
  }

  @Override
  public Slicer slicer() {
    return new Words();
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
}
