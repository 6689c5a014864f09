// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import org.unroll.rnn.data.SliceTable;

/** Remembers what slices became: most text is made of a few that return. */
final class CachedEncoder extends SliceEncoder {
  private static final int MOST_SLICES = 1 << 17;
  private static final int MOST_SLICE_BYTES = 1 << 22;

  private final SliceEncoder slow;
  private final SliceTable slices = new SliceTable();
  private int[] starts = new int[1 << 9];
  private int[] known = new int[1 << 10];

  CachedEncoder(SliceEncoder slow) {
    this.slow = slow;
  }

  @Override
  int encode(byte[] text, int from, int to) {
    int slice = slices.find(text, from, to);
    if (slice < 0) {
      slice = remember(text, from, to);
    }
    int start = starts[slice];
    int count = starts[slice + 1] - start;
    int[] ids = ids();
    for (int i = 0; i < count; i++) {
      ids[i] = known[start + i];
    }
    return count;
  }

  private int remember(byte[] text, int from, int to) {
    if (slices.size() == MOST_SLICES || slices.bytes() > MOST_SLICE_BYTES) {
      slices.clear();
    }
    int count = slow.encode(text, from, to);
    int slice = slices.add(text, from, to);
    int end = starts[slice] + count;
    if (end > known.length) {
      known = Arrays.copyOf(known, Math.max(end, known.length * 2));
    }
    if (slice + 2 > starts.length) {
      starts = Arrays.copyOf(starts, starts.length * 2);
    }
    System.arraycopy(slow.ids(), 0, known, starts[slice], count);
    starts[slice + 1] = end;
    return slice;
  }
}
