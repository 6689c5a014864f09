// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Slots of {@link SharedMemory} that one end fills and the other reads in turns. How many have been
 * filled and read stands in the memory as well, so that the ends need no messages while both are at
 * work. An end that has waited in vain says so in the memory, and is told by a message when there
 * is something for it.
 *
 * <pre>
 *   head:  filled | read | reader waits | writer waits | bytes of every slot
 * </pre>
 *
 * For one thread of each end at a time.
 */
public final class Ring {
  /** Slots: one is filled and one is read while others are on the way. */
  public static final int SLOTS = 4;

  /** Cache lines are apart, so that the ends do not take them from each other. */
  private static final int LINE = 128;

  private static final int FILLED = 0;
  private static final int READ = LINE;
  private static final int READER_WAITS = 2 * LINE;
  private static final int WRITER_WAITS = 3 * LINE;
  private static final int SIZES = 4 * LINE;
  static final int HEAD_BYTES = 5 * LINE;

  /** About what a message and the thread that it wakes take. */
  private static final long PATIENCE_NANOS = 50_000;

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer head;
  private final ByteBuffer[] slots = new ByteBuffer[SLOTS];

  /** How many this end has filled, or read. */
  private long done;

  /**
   * @param headAt where {@link #HEAD_BYTES} are that hold zeros at first
   * @param slotsAt where the slots are
   */
  Ring(ByteBuffer memory, int headAt, int slotsAt, int slotBytes) {
    head = memory.slice(headAt, HEAD_BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < SLOTS; i++) {
      int at = slotsAt + i * slotBytes;
      slots[i] = memory.slice(at, slotBytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  int slotBytes() {
    return slots[0].capacity();
  }

  /**
   * For the writer: an empty slot to be {@link #publish published}. Null if there is none; then the
   * reader's {@link #release} will tell.
   */
  public ByteBuffer free() {
    return await(READ, SLOTS, WRITER_WAITS) ? slot() : null;
  }

  /**
   * For the writer: the slot is filled up to its position.
   *
   * @return whether the reader has to be told
   */
  public boolean publish() {
    head.putLong(SIZES + index() * Long.BYTES, slots[index()].position());
    return advance(FILLED, READER_WAITS);
  }

  /**
   * For the reader: a filled slot, up to its limit, to be {@link #release released}. Null if there
   * is none; then the writer's {@link #publish} will tell.
   */
  public ByteBuffer next() {
    if (!await(FILLED, 0, READER_WAITS)) {
      return null;
    }
    long bytes = head.getLong(SIZES + index() * Long.BYTES);
    if (bytes <= 0 || bytes > slotBytes()) {
      throw new IllegalStateException("a piece of " + bytes + " bytes cannot be");
    }
    return slot().limit((int) bytes);
  }

  /**
   * For the reader: the slot has been read.
   *
   * @return whether the writer has to be told
   */
  public boolean release() {
    return advance(READ, WRITER_WAITS);
  }

  private int index() {
    return (int) (done % SLOTS);
  }

  private ByteBuffer slot() {
    return slots[index()].clear();
  }

  /** Waits a moment until the other end is less than so many slots behind. */
  private boolean await(int count, int slotsBehind, int waits) {
    if (isThere(count, slotsBehind)) {
      return true;
    }
    long start = System.nanoTime();
    do {
      // The other end may need this processor.
      Thread.yield();
      if (isThere(count, slotsBehind)) {
        return true;
      }
    } while (System.nanoTime() - start < PATIENCE_NANOS);
    // Either this end sees the other's count now, or the other end sees that this one waits.
    LONGS.setVolatile(head, waits, 1L);
    if (!isThere(count, slotsBehind)) {
      return false;
    }
    LONGS.setVolatile(head, waits, 0L);
    return true;
  }

  private boolean isThere(int count, int slotsBehind) {
    return (long) LONGS.getVolatile(head, count) + slotsBehind > done;
  }

  /** Counts a slot; returns whether the other end waits to be told. */
  private boolean advance(int count, int waits) {
    LONGS.setVolatile(head, count, ++done);
    return (long) LONGS.getVolatile(head, waits) != 0
        && (long) LONGS.getAndSet(head, waits, 0L) != 0;
  }
}
