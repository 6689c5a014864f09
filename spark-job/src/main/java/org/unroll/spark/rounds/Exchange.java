// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** A few floats are sooner with their message than told of after it. */
  private static final int FEW_BYTES = 1 << 15;

  private final TransportClient client;
  private final Meter meter;

  /** The ring that the other end reads; null where no memory is shared. */
  private volatile Ring out;

  /** The ring that this end reads; null where no memory is shared. */
  private volatile Ring in;

  /** The messages that wait for the ring; for the thread of the connection, as all that follows. */
  private final Queue<Outgoing> waiting = new ArrayDeque<>();

  /** The floats that are on their way through the ring, or null, and how many bytes are left. */
  private Segment.Encoder leaving;

  private long leavingBytes;

  /** What takes the floats that come out of the other ring, and how many bytes are to come. */
  private Body arriving;

  private long arrivingBytes;

  private record Outgoing(ByteBuffer message, List<Segment> floats) {}

  /** Counts what goes through exchanges, whichever way it goes. */
  static final class Meter {
    /** The nanoseconds that numbers took to become bytes. */
    final LongAdder encoding = new LongAdder();

    /** The bytes that came. */
    final LongAdder in = new LongAdder();

    /** The bytes that were sent. */
    final LongAdder out = new LongAdder();
  }

  /** Takes the floats of a message as they come. */
  interface Sink {
    /** Takes all bytes of a buffer. */
    void read(ByteBuffer bytes);

    /** Returns whether no more are expected. */
    boolean isComplete();
  }

  /**
   * The floats of a message on their way in, whichever way they come.
   *
   * @param floats what takes them
   * @param whole what is done when all are there
   * @param failed what is done when they cannot be read
   */
  record Body(Sink floats, Meter meter, Runnable whole, Consumer<Throwable> failed)
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
      meter.in.add(bytes.remaining());
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

  /**
   * Makes an end that shares no memory.
   *
   * @param meter counts what it does, together with others perhaps
   */
  Exchange(TransportClient client, Meter meter) {
    this.client = client;
    this.meter = meter;
  }

  /** Lets the other end write into this ring, or none if null. */
  void readFrom(Ring ring) {
    in = ring;
  }

  /** Lets the other end read this ring. */
  void writeTo(Ring ring) {
    out = ring;
  }

  /** A request to the other end, which is answered. */
  interface Request {
    /**
     * Returns the answer.
     *
     * @throws IOException if there is none
     */
    ByteBuffer ask(ByteBuffer message) throws IOException;
  }

  /**
   * Offers memory to the other end, which takes it if it is on this machine.
   *
   * @throws IOException if the other end does not answer
   */
  void offerMemory(Path folder, Request request) throws IOException {
    SharedMemory memory;
    try {
      memory = SharedMemory.create(folder, Transport.pieceBytes());
    } catch (IOException e) {
      LOG.warn("no memory is shared with {}: {}", client.getSocketAddress(), e.toString());
      return;
    }
    try {
      // The other end may use it before its answer is here.
      readFrom(memory.back());
      if (request.ask(Messages.share(memory.key())).hasRemaining()) {
        writeTo(memory.there());
      } else {
        readFrom(null);
      }
    } finally {
      memory.delete(folder);
    }
  }

  /** Takes memory that the other end offers, if it is there; called by the connection's thread. */
  boolean takeMemory(Path folder, SharedMemory.Key key) {
    if (reads()) {
      return false;
    }
    try {
      SharedMemory memory = SharedMemory.open(folder, key);
      readFrom(memory.there());
      writeTo(memory.back());
      return true;
    } catch (IOException e) {
      LOG.debug("{} is on another machine: {}", client.getSocketAddress(), e.toString());
      return false;
    }
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
    meter.out.add(message.remaining() + Segment.bytes(floats));
    if (out == null) {
      Transport.send(client, message, floats, meter.encoding);
    } else {
      client.getChannel().eventLoop().execute(() -> pass(new Outgoing(message, floats)));
    }
  }

  private void pass(Outgoing next) {
    try {
      waiting.add(next);
      pump();
    } catch (RuntimeException e) {
      Transport.drop(client, e);
    }
  }

  /** Puts as much as there is room for into the ring. */
  private void pump() {
    while (leaving != null || !waiting.isEmpty()) {
      if (leaving == null) {
        begin(waiting.remove());
      }
      while (leavingBytes > 0) {
        ByteBuffer slot = out.free();
        if (slot == null) {
          return;
        }
        fill(slot);
        if (out.publish()) {
          client.send(Messages.wake());
        }
      }
      leaving = null;
    }
  }

  private void begin(Outgoing next) {
    leaving = new Segment.Encoder(next.floats);
    leavingBytes = Segment.bytes(next.floats);
    if (leavingBytes <= FEW_BYTES) {
      Transport.send(client, next.message, next.floats, meter.encoding);
      leavingBytes = 0;
    } else {
      client.send(Messages.pieces(leavingBytes, next.message));
    }
  }

  private void fill(ByteBuffer slot) {
    long start = System.nanoTime();
    leaving.fill(slot);
    leavingBytes -= slot.position();
    meter.encoding.add(System.nanoTime() - start);
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
    Ring ring = in;
    if (ring == null) {
      throw new IllegalStateException("no memory is shared");
    }
    if (kind == Messages.PIECES) {
      long bytes = message.getLong();
      if (arrivingBytes > 0 || bytes <= 0) {
        throw new IllegalStateException(
            "%s bytes are announced, and %s of the message before are missing"
                .formatted(bytes, arrivingBytes));
      }
      arriving = begin.apply(Messages.kind(message), message);
      arrivingBytes = bytes;
      read(ring);
    } else {
      read(ring);
      pump();
    }
  }

  /** Reads what there is of the message. */
  private void read(Ring ring) {
    while (arrivingBytes > 0) {
      ByteBuffer piece = ring.next();
      if (piece == null) {
        return;
      }
      int bytes = piece.remaining();
      if (bytes > arrivingBytes) {
        throw new IllegalStateException(
            "a piece of " + bytes + " bytes came where " + arrivingBytes + " are missing");
      }
      meter.in.add(bytes);
      arriving.floats.read(piece);
      arrivingBytes -= bytes;
      if (ring.release()) {
        client.send(Messages.wake());
      }
      if (arrivingBytes == 0) {
        arriving.deliver();
      }
    }
  }
}
