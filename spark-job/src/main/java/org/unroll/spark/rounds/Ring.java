// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A ring is a few slots of {@link SharedMemory} that one end fills and the other reads in turns.
 * How many have been filled and read stands in the memory as well, so that the ends need no
 * messages while both are at work. An end that has waited in vain says so in the memory, and is
 * told by a message when there is something for it.
 *
 * <pre>
 *   head:  filled | read | reader waits | writer waits | bytes of every slot
 * </pre>
 *
 * A ring is for one thread of each end at a time.
 */
final class Ring {
  /** The number of slots: one is filled and one is read while others are on the way. */
  static final int SLOTS = 4;

  /** Cache lines are apart, so that the ends do not take them from each other. */
  private static final int LINE = 128;

  private static final int FILLED = 0;
  private static final int READ = LINE;
  private static final int READER_WAITS = 2 * LINE;
  private static final int WRITER_WAITS = 3 * LINE;
  private static final int SIZES = 4 * LINE;
  static final int HEAD_BYTES = 5 * LINE;

  /** The time that a message and the thread that it wakes take, about. */
  private static final long PATIENCE_NANOS = 50_000;

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer head;
  private final ByteBuffer[] slots = new ByteBuffer[SLOTS];

  /** The slots that this end has filled, or read. */
  private long done;

  /**
   * Makes a ring of slots that are empty.
   *
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

  /**
   * Returns an empty slot for the writer, to be {@link #publish published}, or null if there is
   * none; then the reader's {@link #release} will tell.
   */
  ByteBuffer free() {
    return await(READ, SLOTS, WRITER_WAITS) ? slot() : null;
  }

  /**
   * Passes the writer's slot on, filled up to its position.
   *
   * @return whether the reader has to be told
   */
  boolean publish() {
    head.putLong(SIZES + index() * Long.BYTES, slots[index()].position());
    return advance(FILLED, READER_WAITS);
  }

  /**
   * Returns a filled slot for the reader, up to its limit, to be {@link #release released}, or null
   * if there is none; then the writer's {@link #publish} will tell.
   */
  ByteBuffer next() {
    if (!await(FILLED, 0, READER_WAITS)) {
      return null;
    }
    long bytes = head.getLong(SIZES + index() * Long.BYTES);
    if (bytes <= 0 || bytes > slots[0].capacity()) {
      throw new IllegalStateException("a piece of " + bytes + " bytes cannot be");
    }
    return slot().limit((int) bytes);
  }

  /**
   * Gives the reader's slot back.
   *
   * @return whether the writer has to be told
   */
  boolean release() {
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
