// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import org.unroll.rnn.data.SliceTable;

/** 128 bits for the text of a document, which comes in pieces. Not against forgery. */
final class DocumentHash {
  private static final long HIGH_SEED = 0x243F6A8885A308D3L;
  private static final long LOW_SEED = 0x13198A2E03707344L;

  private final byte[] small = new byte[Long.BYTES];
  private long high;
  private long low;
  private long length;

  /** Goes on with a piece; a document has the same pieces wherever it is. */
  void add(byte[] text, int from, int to) {
    byte[] bytes = text;
    int start = from;
    int end = to;
    if (to - from < Long.BYTES) {
      Arrays.fill(small, (byte) 0);
      System.arraycopy(text, from, small, 0, to - from);
      bytes = small;
      start = 0;
      end = Long.BYTES;
    }
    length += to - from;
    high = SliceTable.hash(bytes, start, end, high * 31 + HIGH_SEED + length);
    low = SliceTable.hash(bytes, start, end, low * 37 + LOW_SEED + length);
  }

  boolean isEmpty() {
    return length == 0;
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  void reset() {
    high = 0;
    low = 0;
    length = 0;
  }
}
