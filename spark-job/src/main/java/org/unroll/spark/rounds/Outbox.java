// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.client.TransportClient;

/**
 * One end's messages with their floats, in the order they were given. Between machines the floats
 * follow their message over the network. Between processes of one machine they go through shared
 * memory, a piece at a time, and the network only wakes an end that waits.
 */
final class Outbox {
  private static final int FEW_BYTES = 1 << 15;

  private final TransportClient client;
  private final LongAdder encoding;
  private volatile Ring ring;

  /** From here on, what belongs to the thread of the connection. */
  private final Queue<Outgoing> waiting = new ArrayDeque<>();

  private Outgoing current;

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
  void share(Ring with) {
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

  /** Puts as much as there is room for into the ring; called by the thread of the connection. */
  void pump() {
    while (current != null || !waiting.isEmpty()) {
      if (current == null) {
        current = waiting.remove();
        begin(current);
      }
      while (current.left > 0) {
        ByteBuffer slot = ring.free();
        if (slot == null) {
          return;
        }
        fill(slot);
        if (ring.publish()) {
          client.send(Messages.wake());
        }
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

  private void fill(ByteBuffer slot) {
    long start = System.nanoTime();
    current.encoder.fill(slot);
    current.left -= slot.position();
    encoding.add(System.nanoTime() - start);
  }
}
