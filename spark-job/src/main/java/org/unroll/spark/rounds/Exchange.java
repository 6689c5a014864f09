// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;

/**
 * An exchange is one end of a connection over which messages with floats go both ways, in the order
 * they were given. Between machines the floats follow their message over the network. Between
 * processes of one machine they go through shared memory, a piece at a time, and the network only
 * wakes an end that waits.
 *
 * <pre>
 *   network   message | floats                  PIECES and message | .. | WAKE | ..
 *   memory                                      piece, piece, piece, ..
 * </pre>
 */
final class Exchange {
  /** A few floats are sooner with their message than told of after it. */
  private static final int FEW_BYTES = 1 << 15;

  private final TransportClient client;
  private final LongAdder encoding;

  /** The ring that the other end reads; null where no memory is shared. */
  private volatile Ring out;

  /** The ring that this end reads, with what comes out of it; null where no memory is shared. */
  private volatile Incoming in;

  /** The messages that wait for the ring; for the thread of the connection. */
  private final Queue<Outgoing> waiting = new ArrayDeque<>();

  /** The message that is on its way through the ring, or null. */
  private Outgoing current;

  /** A message on its way out. */
  private static final class Outgoing {
    private final ByteBuffer message;
    private final List<Segment> floats;
    private final Segment.Encoder encoder;
    private long left;

    Outgoing(ByteBuffer message, List<Segment> floats) {
      this.message = message;
      this.floats = floats;
      encoder = new Segment.Encoder(floats);
      left = Segment.bytes(floats);
    }
  }

  /**
   * The floats of a message on their way in, whichever way they come.
   *
   * @param floats what takes them
   * @param whole what is done when all are there
   * @param failed what is done when they cannot be read
   */
  record Body(Segment.Decoder floats, Runnable whole, Consumer<Throwable> failed)
      implements StreamCallbackWithID {
    /** Passes the message on, which must have come with all of its numbers. */
    void deliver() {
      if (!floats.isComplete()) {
        throw new IllegalStateException("a message came without all of its numbers");
      }
      whole.run();
    }

    @Override
    public String getID() {
      return "floats";
    }

    @Override
    public void onData(String id, ByteBuffer bytes) {
      floats.read(bytes);
    }

    @Override
    public void onComplete(String id) {
      deliver();
    }

    @Override
    public void onFailure(String id, Throwable cause) {
      failed.accept(cause);
    }
  }

  /** The floats of messages on their way in, which come out of a ring as if over the network. */
  private static final class Incoming {
    private final Ring ring;
    private Body body;
    private long left;

    Incoming(Ring ring) {
      this.ring = ring;
    }
  }

  /**
   * Makes an end that shares no memory.
   *
   * @param encoding takes the nanoseconds that numbers take to become bytes
   */
  Exchange(TransportClient client, LongAdder encoding) {
    this.client = client;
    this.encoding = encoding;
  }

  /** Lets the other end write into this ring. */
  void readFrom(Ring ring) {
    in = new Incoming(ring);
  }

  /** Lets the other end read this ring. */
  void writeTo(Ring ring) {
    out = ring;
  }

  /** Forgets the ring of {@link #readFrom}: the other end shares no memory after all. */
  void shareNothing() {
    in = null;
  }

  /** Returns whether there is a ring to read from. */
  boolean reads() {
    return in != null;
  }

  /**
   * Sends a message and the floats that belong to it, without waiting. A connection that does not
   * take them is lost, of which both ends hear.
   *
   * @param floats stay as they are until the other end has them
   */
  void send(ByteBuffer message, List<Segment> floats) {
    if (out == null) {
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

  /** Puts as much as there is room for into the ring. */
  private void pump() {
    while (current != null || !waiting.isEmpty()) {
      if (current == null) {
        current = waiting.remove();
        begin(current);
      }
      while (current.left > 0) {
        ByteBuffer slot = out.free();
        if (slot == null) {
          return;
        }
        fill(slot);
        if (out.publish()) {
          client.send(Messages.wake());
        }
      }
      current = null;
    }
  }

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

  /**
   * Takes a message whose floats have come with it or come through shared memory; called by the
   * thread of the connection.
   *
   * @param kind of the message, which has been read
   * @param begin gives what takes the floats of a message of a kind
   * @throws IllegalStateException if it makes no sense
   */
  void take(int kind, ByteBuffer message, BiFunction<Integer, ByteBuffer, Body> begin) {
    if (kind != Messages.PIECES && kind != Messages.WAKE) {
      begin.apply(kind, message).deliver();
      return;
    }
    Incoming incoming = in;
    if (incoming == null) {
      throw new IllegalStateException("no memory is shared");
    }
    if (kind == Messages.PIECES) {
      long bytes = Messages.readPieces(message);
      if (incoming.left > 0 || bytes <= 0) {
        throw new IllegalStateException(
            "%s bytes are announced, and %s of the message before are missing"
                .formatted(bytes, incoming.left));
      }
      incoming.body = begin.apply(Messages.kind(message), message);
      incoming.left = bytes;
      read(incoming);
    } else {
      read(incoming);
      pump();
    }
  }

  /** Reads what there is of the message. */
  private void read(Incoming incoming) {
    while (incoming.left > 0) {
      ByteBuffer piece = incoming.ring.next();
      if (piece == null) {
        return;
      }
      int bytes = piece.remaining();
      if (bytes > incoming.left) {
        throw new IllegalStateException(
            "a piece of " + bytes + " bytes came where " + incoming.left + " are missing");
      }
      incoming.body.floats.read(piece);
      incoming.left -= bytes;
      if (incoming.ring.release()) {
        client.send(Messages.wake());
      }
      if (incoming.left == 0) {
        incoming.body.deliver();
      }
    }
  }
}
