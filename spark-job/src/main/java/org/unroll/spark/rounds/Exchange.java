// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;

/**
 * One end of a connection over which messages with floats go both ways, which may share memory with
 * the other end.
 */
final class Exchange {
  private final TransportClient client;
  private final Outbox outbox;

  /** Null where no memory is shared. */
  private volatile PieceReader pieces;

  /**
   * @param encoding takes the nanoseconds that numbers take to become bytes
   */
  Exchange(TransportClient client, LongAdder encoding) {
    this.client = client;
    outbox = new Outbox(client, encoding);
  }

  /** The other end may write into this ring. */
  void readFrom(Ring ring) {
    pieces = new PieceReader(client, ring);
  }

  /** The other end reads this ring. */
  void writeTo(Ring ring) {
    outbox.share(ring);
  }

  /** The other end shares no memory after all. */
  void shareNothing() {
    pieces = null;
  }

  boolean reads() {
    return pieces != null;
  }

  /**
   * Sends a message and the floats that belong to it, without waiting.
   *
   * @param floats stay as they are until the other end has them
   */
  void send(ByteBuffer message, List<Segment> floats) {
    outbox.send(message, floats);
  }

  /**
   * Takes a message about shared memory; called by the thread of the connection.
   *
   * @param kind of the message, which has been read
   * @param begin what takes the floats of a message that begins with its kind
   * @return false if it is another message, to be read by somebody else
   * @throws IllegalStateException if it makes no sense
   */
  boolean take(int kind, ByteBuffer message, Function<ByteBuffer, StreamCallbackWithID> begin) {
    if (kind != Messages.PIECES && kind != Messages.WAKE) {
      return false;
    }
    PieceReader reader = pieces;
    if (reader == null) {
      throw new IllegalStateException("no memory is shared");
    }
    if (kind == Messages.PIECES) {
      long bytes = Messages.readPieces(message);
      reader.begin(bytes, begin.apply(message));
    } else {
      reader.read();
      outbox.pump();
    }
    return true;
  }
}
