// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.train.ShardTree;

/**
 * A span is the part of the positions of a flat vector that one executor owns when executors share
 * the sums of a round: it adds what all have there, and passes the new parameters on. It begins and
 * ends at borders of the canonical tree's slices, so that a slice is added in one place.
 *
 * @param from its first element
 * @param to behind its last
 */
record Span(int from, int to) {
  /** No element. */
  static final Span NONE = new Span(0, 0);

  Span {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("elements " + from + " to " + to + " are no span");
    }
  }

  /** Returns all elements of a vector. */
  static Span all(int size) {
    return new Span(0, size);
  }

  /** Returns a vector cut into at most so many spans of about the same size, none empty. */
  static List<Span> cut(int size, int most) {
    int slices = (size + ShardTree.SLICE - 1) / ShardTree.SLICE;
    int n = Math.min(slices, most);
    return IntStream.range(0, n)
        .mapToObj(i -> new Span(border(i, n, slices, size), border(i + 1, n, slices, size)))
        .toList();
  }

  private static int border(int i, int n, int slices, int size) {
    return Math.min(size, (int) ((long) i * slices / n) * ShardTree.SLICE);
  }

  int size() {
    return to - from;
  }

  ByteBuffer write(ByteBuffer out) {
    return out.putInt(from).putInt(to);
  }

  static Span read(ByteBuffer in) {
    return new Span(in.getInt(), in.getInt());
  }

  @Override
  public String toString() {
    return "[" + from + ", " + to + ")";
  }
}
