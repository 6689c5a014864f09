// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.nn.Gradient;

/**
 * The rows of the parameters that a shard touches in a round, copied out so that they can be
 * changed one after the other without changing what other shards see. They fit the cache where all
 * rows would not.
 */
final class RowSet {
  private final int size;

  /** The place of every row of the parameters, where {@link #ids} has the row if it is there. */
  private final int[] places;

  private int[] ids = {};
  private float[] values = {};
  private int count;

  /**
   * Makes an empty set.
   *
   * @param rows of the parameters
   * @param size numbers of each
   */
  RowSet(int rows, int size) {
    this.size = size;
    places = new int[rows];
  }

  /** Forgets all rows, and makes room for some. */
  void clear(int room) {
    count = 0;
    if (ids.length < room) {
      ids = new int[room];
      values = new float[Math.multiplyExact(room, size)];
    }
  }

  /** Returns the place of a row, which is added if it is not there. */
  int place(int row) {
    int place = places[row];
    if (place >= count || ids[place] != row) {
      place = count++;
      ids[place] = row;
      places[row] = place;
    }
    return place;
  }

  /** Copies all rows of the set from the parameters. */
  void load(float[] params) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(params, ids[i] * size, values, i * size, size);
    }
  }

  /** Copies rows of the set behind one another. */
  void gather(int[] places, int from, int n, float[] out, int at) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(values, places[from + i] * size, out, at + i * size, size);
    }
  }

  /** Adds multiples of rows that lie behind one another, in their order. */
  void add(int[] places, int from, int n, float factor, float[] x, int at) {
    for (int i = 0; i < n; i++) {
      int to = places[from + i] * size;
      int row = at + i * size;
      for (int j = 0; j < size; j++) {
        values[to + j] += factor * x[row + j];
      }
    }
  }

  /** Adds to a sum by how much the rows differ from the parameters. */
  void addChanges(float[] params, Gradient sum) {
    float[] into = sum.values();
    for (int i = 0; i < count; i++) {
      int row = ids[i] * size;
      sum.addTo(row, row + size);
      for (int j = 0; j < size; j++) {
        into[row + j] += values[i * size + j] - params[row + j];
      }
    }
  }
}
