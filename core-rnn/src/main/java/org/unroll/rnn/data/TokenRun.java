// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/** A run is tokens that follow one another, in memory or wherever they can be read in pieces. */
public interface TokenRun {
  /** Returns N, the number of tokens. */
  long tokens();

  /** Returns a cursor that is only asked for the tokens {@code [from, to)}. */
  Cursor cursor(long from, long to);

  /** Returns tokens in memory as a run; the array is not copied. */
  static TokenRun of(int[] ids) {
    return new InMemory(ids);
  }

  /**
   * A cursor reads the tokens of one row from any place on; to read on behind the last place costs
   * least. It is not for use by two threads at a time.
   */
  interface Cursor {
    /**
     * Copies the ids of the tokens {@code [from, from + count)} to the beginning of an array.
     *
     * @param from a position in the {@link TokenRun}
     */
    void read(long from, int count, int[] into);
  }

  /** This run is in memory, where any number of rows can read it. */
  record InMemory(int[] ids) implements TokenRun, Cursor {
    @Override
    public long tokens() {
      return ids.length;
    }

    @Override
    public Cursor cursor(long from, long to) {
      return this;
    }

    @Override
    public void read(long from, int count, int[] into) {
      System.arraycopy(ids, Math.toIntExact(from), into, 0, count);
    }
  }
}
