// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers slices of bytes in the order in which they are added, from 0. No object is made for a
 * slice: their bytes stand in one array, found by open addressing. Looking up is safe for several
 * threads while nothing is added.
 */
public final class SliceTable implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  // The first of two odd numbers without pattern: multiplication by them mixes.
  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final long MIX_TAIL = 0xD6E8FEB86659FD93L;

  private int[] slots = new int[1 << 10];
  private long[] keys = new long[1 << 9];
  private int[] starts = new int[1 << 9];
  private byte[] bytes = new byte[1 << 12];
  private int size;

  /** Returns the number of slices. */
  public int size() {
    return size;
  }

  /** Returns the bytes of all slices. */
  public int bytes() {
    return starts[size];
  }

  /** Returns the number of a slice; -1 if it was not added. */
  public int find(byte[] text, int from, int to) {
    long key = key(text, from, to);
    int mask = slots.length - 1;
    for (int slot = slot(key) & mask; slots[slot] != 0; slot = slot + 1 & mask) {
      int entry = slots[slot] - 1;
      if (keys[entry] == key && isAt(entry, text, from, to)) {
        return entry;
      }
    }
    return -1;
  }

  /** Returns the number of a slice, which is added if it is not there. */
  public int add(byte[] text, int from, int to) {
    int found = find(text, from, to);
    if (found >= 0) {
      return found;
    }
    int end = starts[size] + to - from;
    ensureRoom(end);
    System.arraycopy(text, from, bytes, starts[size], to - from);
    keys[size] = key(text, from, to);
    starts[size + 1] = end;
    place(size++);
    return size - 1;
  }

  private void ensureRoom(int end) {
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
    }
    if (size + 1 == keys.length) {
      keys = Arrays.copyOf(keys, keys.length * 2);
      starts = Arrays.copyOf(starts, keys.length);
      slots = new int[keys.length * 2];
      for (int entry = 0; entry < size; entry++) {
        place(entry);
      }
    }
  }

  private void place(int entry) {
    int mask = slots.length - 1;
    int slot = slot(keys[entry]) & mask;
    while (slots[slot] != 0) {
      slot = slot + 1 & mask;
    }
    slots[slot] = entry + 1;
  }

  private boolean isAt(int entry, byte[] text, int from, int to) {
    int start = starts[entry];
    int length = to - from;
    if (starts[entry + 1] - start != length) {
      return false;
    }
    // Up to 8 bytes are their own key.
    return length <= Long.BYTES || Arrays.equals(bytes, start, start + length, text, from, to);
  }

  /** Returns the array that holds the bytes of all slices. */
  public byte[] array() {
    return bytes;
  }

  /** Returns where a slice begins in {@link #array}; slice {@link #size} begins at the end. */
  public int start(int entry) {
    return starts[entry];
  }

  /** Returns a copy of the bytes of a slice. */
  public byte[] slice(int entry) {
    return Arrays.copyOfRange(bytes, starts[entry], starts[entry + 1]);
  }

  /** Returns a hash of a slice, with all bits of use. */
  public long hash(int entry) {
    return mix(keys[entry]);
  }

  /** Forgets all slices and keeps the room for them. */
  public void clear() {
    Arrays.fill(slots, 0);
    size = 0;
  }

  private static int slot(long key) {
    return (int) (mix(key) >>> 20);
  }

  private static long mix(long key) {
    long mixed = (key ^ key >>> 32) * MIX;
    return mixed ^ mixed >>> 29;
  }

  /** Returns the bytes themselves up to 8 of them, otherwise a hash of them. */
  private static long key(byte[] text, int from, int to) {
    int length = to - from;
    if (length > Long.BYTES) {
      return hash(text, from, to, length);
    }
    if (length == Long.BYTES) {
      return (long) LONGS.get(text, from);
    }
    if (length >= 4) {
      long low = (int) INTS.get(text, from) & 0xFFFFFFFFL;
      long high = (int) INTS.get(text, to - 4) & 0xFFFFFFFFL;
      return low | high << 8 * (length - 4);
    }
    long key = 0;
    for (int i = 0; i < length; i++) {
      key |= (text[from + i] & 0xffL) << 8 * i;
    }
    return key;
  }

  /**
   * Returns a hash of at least 8 bytes.
   *
   * @param seed changes all of it: two seeds give two hashes that do not depend on each other
   */
  public static long hash(byte[] text, int from, int to, long seed) {
    long hash = seed * MIX_TAIL;
    int i = from;
    for (; i + Long.BYTES <= to; i += Long.BYTES) {
      hash = step(hash, (long) LONGS.get(text, i));
    }
    return i == to ? hash : step(hash, (long) LONGS.get(text, to - Long.BYTES));
  }

  private static long step(long hash, long word) {
    long mixed = (hash ^ word) * MIX;
    return (mixed ^ mixed >>> 32) * MIX_TAIL;
  }
}
