// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.unroll.spark.wire.SharedMemory;

/**
 * Reads floats that an {@link Outbox} put into shared memory, as if they had come as a stream. For
 * the thread of the connection.
 */
final class PieceReader {
  private final TransportClient client;
  private final SharedMemory.Ring ring;
  private StreamCallbackWithID stream;
  private long left;
  private long read;

  PieceReader(TransportClient client, SharedMemory.Ring ring) {
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
  }

  /** Takes the next piece. */
  void read(int bytes) {
    ByteBuffer slot = ring.slot(read);
    if (bytes <= 0 || bytes > Math.min(left, slot.capacity())) {
      throw new IllegalStateException("a piece of " + bytes + " bytes cannot be");
    }
    VarHandle.acquireFence();
    try {
      stream.onData(stream.getID(), slot.limit(bytes));
      read++;
      left -= bytes;
      client.send(Messages.taken());
      if (left == 0) {
        stream.onComplete(stream.getID());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
