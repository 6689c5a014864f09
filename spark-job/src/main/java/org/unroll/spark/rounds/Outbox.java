// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.client.TransportClient;
import org.unroll.spark.wire.FloatEncoder;
import org.unroll.spark.wire.Segment;
import org.unroll.spark.wire.SharedMemory;

/**
 * One end's messages with their floats, in the order they were given. Between machines the floats
 * follow their message over the network. Between processes of one machine they go through shared
 * memory, a piece at a time, and the network only tells of each piece and of its being taken.
 */
final class Outbox {
  private static final int FEW_BYTES = 1 << 15;

  private final TransportClient client;
  private final LongAdder encoding;
  private volatile SharedMemory.Ring ring;

  /** From here on, what belongs to the thread of the connection. */
  private final Queue<Outgoing> waiting = new ArrayDeque<>();

  private Outgoing current;
  private long sent;
  private long taken;

  /** A message on its way out. */
  private static final class Outgoing {
    private final ByteBuffer message;
    private final List<Segment> floats;
    private final FloatEncoder encoder;
    private long left;

    Outgoing(ByteBuffer message, List<Segment> floats) {
      this.message = message;
      this.floats = floats;
      encoder = new FloatEncoder(floats);
      left = FloatEncoder.bytes(floats);
    }
  }

  /**
   * @param encoding takes the nanoseconds that numbers take to become bytes
   */
  Outbox(TransportClient client, LongAdder encoding) {
    this.client = client;
    this.encoding = encoding;
  }

  /** The other end reads this ring. */
  void share(SharedMemory.Ring with) {
    ring = with;
  }

  /**
   * Sends a message and the floats that belong to it, without waiting. A connection that does not
   * take them is lost, of which both ends hear.
   *
   * @param floats stay as they are until the other end has them
   */
  void send(ByteBuffer message, List<Segment> floats) {
    if (ring == null) {
      Transport.send(client, message, floats, encoding);
    } else {
      inTurn(
          () -> {
            waiting.add(new Outgoing(message, floats));
            pump();
          });
    }
  }

  /** The other end is done with a piece; called by the thread of the connection. */
  void taken() {
    if (taken == sent) {
      throw new IllegalStateException("a piece was taken that was not sent");
    }
    taken++;
    pump();
  }

  private void inTurn(Runnable action) {
    client
        .getChannel()
        .eventLoop()
        .execute(
            () -> {
              try {
                action.run();
              } catch (RuntimeException e) {
                Transport.drop(client, e);
              }
            });
  }

  private void pump() {
    while (current != null || !waiting.isEmpty()) {
      if (current == null) {
        current = waiting.remove();
        begin(current);
      }
      while (current.left > 0) {
        if (sent - taken == SharedMemory.SLOTS) {
          return;
        }
        client.send(Messages.piece(fill(ring.slot(sent))));
        sent++;
      }
      current = null;
    }
  }

  /** A few floats are sooner with their message than told of after it. */
  private void begin(Outgoing next) {
    if (next.left <= FEW_BYTES) {
      Transport.send(client, next.message, next.floats, encoding);
      next.left = 0;
    } else {
      client.send(Messages.pieces(next.left, next.message));
    }
  }

  /** Returns how many bytes there are. */
  private int fill(ByteBuffer slot) {
    long start = System.nanoTime();
    current.encoder.fill(slot);
    current.left -= slot.position();
    // What is in the slot must be seen by whoever hears of it.
    VarHandle.releaseFence();
    encoding.add(System.nanoTime() - start);
    return slot.position();
  }
}
