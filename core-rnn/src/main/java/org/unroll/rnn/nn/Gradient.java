// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import java.util.BitSet;
import org.unroll.rnn.math.Ops;

/**
 * A gradient in the layout of the parameters that knows which of its blocks of {@value #BLOCK}
 * floats were written since it was last cleared. The others are zero without anybody having to
 * write zeros there, add them or read them: of an embedding, only the rows of the tokens that
 * occurred; and weights whose gradient is made in one go are never cleared before.
 */
public final class Gradient {
  /** The floats of a block. */
  public static final int BLOCK = 256;

  private final float[] values;
  private final BitSet written;

  /** Makes a gradient of zeros. */
  public Gradient(int size) {
    values = new float[size];
    written = new BitSet(blocks(size));
  }

  /** Makes a gradient whose every element counts, of an array that it owns from here on. */
  public Gradient(float[] values) {
    this.values = values;
    written = new BitSet(blocks(values.length));
    written.set(0, blocks(values.length));
  }

  /** Returns how many blocks so many elements have. */
  public static int blocks(int size) {
    return (size + BLOCK - 1) / BLOCK;
  }

  /** Returns the number of elements. */
  public int size() {
    return values.length;
  }

  /** Returns the array with all elements, zeros written out. */
  public float[] dense() {
    addTo(0, values.length);
    return values;
  }

  /** Returns the array, where only what was written or claimed counts. */
  public float[] values() {
    return values;
  }

  /** Makes the gradient zero everywhere. */
  public void clear() {
    written.clear();
  }

  /**
   * Returns where the first run of elements that count begins, from a border between blocks (such
   * as 0 or the end of a run) on; {@link #size()} if there is none.
   */
  public int nextWritten(int from) {
    int block = written.nextSetBit(blocks(from));
    return block < 0 ? values.length : block * BLOCK;
  }

  /** Returns the end of the run of elements that begins at an index of {@link #nextWritten}. */
  public int endOfWritten(int from) {
    return Math.min(values.length, written.nextClearBit(from / BLOCK) * BLOCK);
  }

  /** Makes the elements from one index to another ready to be added to. */
  public void addTo(int from, int to) {
    int end = blocks(to);
    for (int b = written.nextClearBit(from / BLOCK); b < end; b = written.nextClearBit(b)) {
      Arrays.fill(values, b * BLOCK, Math.min(values.length, (b + 1) * BLOCK), 0f);
      written.set(b);
    }
  }

  /**
   * Claims the elements from one index to another for a caller who writes all of them. A range is
   * claimed as a whole before anything else is done to a part of it.
   *
   * @return whether they hold something that he has to add to; otherwise their contents are
   *     undefined
   */
  public boolean claim(int from, int to) {
    int first = blocks(from);
    int last = to / BLOCK;
    int next = written.nextSetBit(first);
    boolean fresh = first < last && (next < 0 || next >= last);
    if (fresh) {
      written.set(first, last);
    }
    addTo(from, to);
    return !fresh;
  }

  /**
   * Says that whole blocks count from here on, after their elements were put into {@link #values}.
   */
  public void wrote(int from, int to) {
    written.set(from / BLOCK, blocks(to));
  }

  /** Adds another gradient element by element, this one first. */
  public void add(Gradient other) {
    if (other.values.length != values.length) {
      throw new IllegalArgumentException(
          "cannot add a gradient of %d parameters to one of %d"
              .formatted(other.values.length, values.length));
    }
    for (int from = other.nextWritten(0); from < values.length; ) {
      int to = other.endOfWritten(from);
      boolean there = written.get(from / BLOCK);
      if (there) {
        to = Math.min(to, endOfWritten(from));
        Ops.add(other.values, from, values, from, to - from);
      } else {
        to = Math.min(to, nextWritten(from));
        System.arraycopy(other.values, from, values, from, to - from);
        wrote(from, to);
      }
      from = other.nextWritten(to);
    }
  }
}
