// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportResponseHandler;
import org.apache.spark.network.protocol.OneWayMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.wire.FloatDecoder;
import org.unroll.spark.wire.Segment;
import org.unroll.spark.wire.SharedMemory;

/** Floats through shared memory, with a wire that the test looks at. */
class OutboxTest {
  private static final int SLOT = 1 << 14;
  private static final int FLOATS = 5 * SLOT / Float.BYTES + 3;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final TransportClient client =
      new TransportClient(channel, new TransportResponseHandler(channel));
  private final LongAdder encoding = new LongAdder();
  private final Outbox outbox = new Outbox(client, encoding);
  private final float[] floats = new float[FLOATS];
  private final float[] arrived = new float[FLOATS];
  private PieceReader reader;
  private boolean whole;

  @BeforeEach
  void share(@TempDir Path folder) throws IOException {
    SharedMemory memory = SharedMemory.create(folder, SLOT);
    outbox.share(memory.there());
    reader = new PieceReader(client, SharedMemory.open(folder, memory.key()).there());
    for (int i = 0; i < FLOATS; i++) {
      floats[i] = i;
    }
  }

  private void send(int kind) {
    outbox.send(Messages.leave(kind), List.of(Segment.of(floats, Wire.FP32)));
    channel.runPendingTasks();
  }

  /** The next message on the wire after its kind, which must be this one; null if there is none. */
  private ByteBuffer next(int kind) throws IOException {
    OneWayMessage message = channel.readOutbound();
    if (message == null) {
      return null;
    }
    ByteBuffer bytes = message.body().nioByteBuffer();
    assertThat(Messages.kind(bytes)).isEqualTo(kind);
    return bytes;
  }

  private final class Body implements StreamCallbackWithID {
    private final FloatDecoder decoder =
        new FloatDecoder(List.of(List.of(Segment.of(arrived, Wire.FP32)).iterator()));

    @Override
    public String getID() {
      return "body";
    }

    @Override
    public void onData(String id, ByteBuffer bytes) {
      decoder.read(bytes);
    }

    @Override
    public void onComplete(String id) {
      whole = decoder.isComplete();
    }

    @Override
    public void onFailure(String id, Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }

  @Test
  void floats_go_through_the_slots_as_these_become_free() throws IOException {
    send(1);
    ByteBuffer head = next(Messages.PIECES);
    assertThat(Messages.readPieces(head)).isEqualTo(4L * FLOATS);
    assertThat(Messages.kind(head)).isEqualTo(Messages.LEAVE);
    assertThat(Messages.readLeave(head)).isEqualTo(1);
    reader.begin(4L * FLOATS, new Body());
    int[] sizes = new int[SharedMemory.SLOTS];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Messages.readPiece(next(Messages.PIECE));
    }
    assertThat(next(Messages.PIECE)).as("all slots are full").isNull();
    assertThat(encoding.sum()).isPositive();
    for (int size : sizes) {
      reader.read(size);
      assertThat(next(Messages.TAKEN)).isNotNull();
    }
    assertThat(whole).isFalse();
    outbox.taken();
    outbox.taken();
    reader.read(Messages.readPiece(next(Messages.PIECE)));
    ByteBuffer last = next(Messages.PIECE);
    next(Messages.TAKEN);
    reader.read(Messages.readPiece(last));
    assertThat(whole).isTrue();
    assertThat(arrived).isEqualTo(floats);
  }

  @Test
  void messages_keep_their_order_also_those_without_floats() throws IOException {
    send(1);
    outbox.send(Messages.leave(2), List.of());
    channel.runPendingTasks();
    next(Messages.PIECES);
    for (int i = 0; i < SharedMemory.SLOTS; i++) {
      next(Messages.PIECE);
    }
    assertThat(next(Messages.LEAVE)).as("waits for the floats before it").isNull();
    outbox.taken();
    outbox.taken();
    next(Messages.PIECE);
    next(Messages.PIECE);
    assertThat(Messages.readLeave(next(Messages.LEAVE))).isEqualTo(2);
  }

  @Test
  void nonsense_is_refused() {
    assertThatThrownBy(outbox::taken).hasMessage("a piece was taken that was not sent");
    assertThatThrownBy(() -> reader.read(8)).hasMessage("a piece of 8 bytes cannot be");
    reader.begin(100, new Body());
    assertThatThrownBy(() -> reader.read(101)).hasMessage("a piece of 101 bytes cannot be");
    assertThatThrownBy(() -> reader.begin(7, new Body()))
        .hasMessage("7 bytes are announced, and 100 of the message before are missing");
  }
}
