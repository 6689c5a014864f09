// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.nn.Gradient;

/**
 * The vectors of the parameters that a shard touches in a round, copied out so that they can be
 * changed one after the other without changing what other shards see. They fit the cache where all
 * vectors would not.
 */
final class VectorCopies {
  private final int size;

  /**
   * The place of every vector of the parameters, where {@link #ids} has the vector if it is there.
   */
  private final int[] places;

  private int[] ids = {};
  private float[] values = {};
  private int count;

  /**
   * Makes an empty set.
   *
   * @param vectors of the parameters
   * @param size numbers of each
   */
  VectorCopies(int vectors, int size) {
    this.size = size;
    places = new int[vectors];
  }

  /** Forgets all vectors, and makes room for some. */
  void clear(int room) {
    count = 0;
    if (ids.length < room) {
      ids = new int[room];
      values = new float[Math.multiplyExact(room, size)];
    }
  }

  /** Returns the place of a vector, which is added if it is not there. */
  int place(int vector) {
    int place = places[vector];
    if (place >= count || ids[place] != vector) {
      place = count++;
      ids[place] = vector;
      places[vector] = place;
    }
    return place;
  }

  /** Copies all vectors of the set from the parameters. */
  void load(float[] params) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(params, ids[i] * size, values, i * size, size);
    }
  }

  /** Copies vectors of the set behind one another. */
  void gather(int[] places, int from, int n, float[] out, int at) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(values, places[from + i] * size, out, at + i * size, size);
    }
  }

  /** Adds multiples of vectors that lie behind one another, in their order. */
  void add(int[] places, int from, int n, float factor, float[] x, int at) {
    for (int i = 0; i < n; i++) {
      int to = places[from + i] * size;
      int vector = at + i * size;
      for (int j = 0; j < size; j++) {
        values[to + j] += factor * x[vector + j];
      }
    }
  }

  /** Adds to a sum by how much the vectors differ from the parameters. */
  void addChanges(float[] params, Gradient sum) {
    float[] into = sum.values();
    for (int i = 0; i < count; i++) {
      int vector = ids[i] * size;
      sum.addTo(vector, vector + size);
      for (int j = 0; j < size; j++) {
        into[vector + j] += values[i * size + j] - params[vector + j];
      }
    }
  }
}
