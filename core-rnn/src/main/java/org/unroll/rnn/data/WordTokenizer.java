// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/**
 * Words are what stands between white space.
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
}
