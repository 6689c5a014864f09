// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/**
 * A slicer finds tokens in UTF-8 text without making objects of them. Text is cut line by line, so
 * a slice never goes beyond a newline.
 */
@FunctionalInterface
public interface Slicer {

  /** A sink takes slices. */
  @FunctionalInterface
  interface Sink {
    /** Takes the bytes {@code [from, to)}, which are only there during the call. */
    void slice(byte[] text, int from, int to);
  }

  /** Hands over the slices of {@code [from, to)}, valid UTF-8, in their order. */
  void cut(byte[] text, int from, int to, Sink out);

  /**
   * Returns where a line that is too long to be held can be cut without a change of its slices: the
   * last such place after {@code from}, or {@code from} if there is none.
   */
  default int boundary(byte[] text, int from, int to) {
    int[] last = {to};
    cut(text, from, to, (bytes, start, end) -> last[0] = start);
    return last[0];
  }
}
