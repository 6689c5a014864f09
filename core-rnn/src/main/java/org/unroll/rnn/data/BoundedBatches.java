// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.ToLongFunction;

/**
 * Bounded batches are items in their order, so many together at most, and no more than some bytes.
 * One that takes more than that is a batch of its own.
 */
public final class BoundedBatches<T> implements Iterator<List<T>> {
  private final Iterator<T> items;
  private final ToLongFunction<T> bytes;
  private final int most;
  private final long mostBytes;

  /** The first item of the next batch, which was taken to see that it was too much for the last. */
  private T waiting;

  /**
   * Makes batches of items, which are taken only when they are asked for, and one ahead.
   *
   * @param items none of them null
   * @param bytes that an item takes
   * @param most items of a batch
   * @param mostBytes of a batch
   */
  public BoundedBatches(Iterator<T> items, ToLongFunction<T> bytes, int most, long mostBytes) {
    if (most < 1) {
      throw new IllegalArgumentException(
          "a batch must hold an item or more but was to hold " + most);
    }
    this.items = items;
    this.bytes = bytes;
    this.most = most;
    this.mostBytes = mostBytes;
  }

  @Override
  public boolean hasNext() {
    return waiting != null || items.hasNext();
  }

  @Override
  public List<T> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    List<T> batch = new ArrayList<>();
    T item = waiting == null ? items.next() : waiting;
    waiting = null;
    long left = mostBytes;
    while (item != null) {
      batch.add(item);
      left -= bytes.applyAsLong(item);
      item = batch.size() < most && left > 0 && items.hasNext() ? items.next() : null;
      if (item != null && bytes.applyAsLong(item) > left) {
        waiting = item;
        item = null;
      }
    }
    return batch;
  }
}
