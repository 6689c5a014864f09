// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;

/**
 * Reads floats that an {@link Outbox} put into shared memory, as if they had come as a stream. For
 * the thread of the connection.
 */
final class PieceReader {
  private final TransportClient client;
  private final Ring ring;
  private StreamCallbackWithID stream;
  private long left;

  PieceReader(TransportClient client, Ring ring) {
    this.client = client;
    this.ring = ring;
  }

  /** So many bytes of a message will come. */
  void begin(long bytes, StreamCallbackWithID message) {
    if (left > 0 || bytes <= 0) {
      throw new IllegalStateException(
          bytes + " bytes are announced, and " + left + " of the message before are missing");
    }
    stream = message;
    left = bytes;
    read();
  }

  /** Reads what there is of the message. */
  void read() {
    while (left > 0) {
      ByteBuffer piece = ring.next();
      if (piece == null) {
        return;
      }
      read(piece);
    }
  }

  private void read(ByteBuffer piece) {
    int bytes = piece.remaining();
    if (bytes > left) {
      throw new IllegalStateException(
          "a piece of " + bytes + " bytes came where " + left + " are missing");
    }
    try {
      stream.onData(stream.getID(), piece);
      left -= bytes;
      if (ring.release()) {
        client.send(Messages.wake());
      }
      if (left == 0) {
        stream.onComplete(stream.getID());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
