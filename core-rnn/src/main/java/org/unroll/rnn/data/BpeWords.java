// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.Arrays;

/**
 * The words within which byte pairs are joined: a run of letters, of digits or of punctuation, each
 * with the one blank before it; a run of white space; a newline. Every byte outside ASCII counts as
 * a letter. A word ends after 64 bytes at the latest, between two characters.
 */
public final class BpeWords extends Slicer {
  private static final byte LETTER = 0;
  private static final byte DIGIT = 1;
  private static final byte OTHER = 2;
  private static final byte SPACE = 3;
  private static final byte NEWLINE = 4;

  private static final byte[] KINDS = new byte[256];

  static {
    Arrays.fill(KINDS, 0, 128, OTHER);
    Arrays.fill(KINDS, 'A', 'Z' + 1, LETTER);
    Arrays.fill(KINDS, 'a', 'z' + 1, LETTER);
    Arrays.fill(KINDS, '0', '9' + 1, DIGIT);
    Arrays.fill(KINDS, '\t', '\r' + 1, SPACE);
    KINDS[' '] = SPACE;
    KINDS['\n'] = NEWLINE;
  }

  @Override
  public void cut(byte[] text, int from, int to, Sink out) {
    for (int i = from; i < to; ) {
      int end = end(text, i, to);
      out.slice(text, i, end);
      i = end;
    }
  }

  private static int end(byte[] text, int start, int to) {
    byte kind = KINDS[text[start] & 0xff];
    if (kind == NEWLINE) {
      return start + 1;
    }
    int i = start + 1;
    if (text[start] == ' ' && i < to && KINDS[text[i] & 0xff] < SPACE) {
      kind = KINDS[text[i++] & 0xff];
    }
    int limit = Math.min(to, start + BpeTokenizer.LONGEST_WORD);
    while (i < limit && KINDS[text[i] & 0xff] == kind) {
      i++;
    }
    if (i == to) {
      return i;
    }
    if (kind == SPACE) {
      // The last blank belongs to the word that follows.
      boolean wordFollows = KINDS[text[i] & 0xff] < SPACE && text[i - 1] == ' ';
      return wordFollows && i - 1 > start ? i - 1 : i;
    }
    return i == limit ? Utf8.wholeCharacters(text, start, i) : i;
  }
}
