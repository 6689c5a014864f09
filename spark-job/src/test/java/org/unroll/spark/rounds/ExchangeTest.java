// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportResponseHandler;
import org.apache.spark.network.protocol.OneWayMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.train.Wire;

/**
 * Floats through shared memory, of an exchange that reads what it writes, with a wire that the test
 * looks at.
 */
class ExchangeTest {
  private static final int SLOT = 1 << 14;
  private static final int FLOATS = 5 * SLOT / Float.BYTES + 3;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final TransportClient client =
      new TransportClient(channel, new TransportResponseHandler(channel));
  private final Exchange.Meter meter = new Exchange.Meter();
  private final Exchange exchange = new Exchange(client, meter);
  private final float[] floats = new float[FLOATS];
  private final float[] arrived = new float[FLOATS];
  private boolean whole;

  @BeforeEach
  void share(@TempDir Path folder) throws IOException {
    SharedMemory memory = SharedMemory.create(folder, SLOT);
    exchange.writeTo(memory.there());
    exchange.readFrom(SharedMemory.open(folder, memory.key()).there());
    for (int i = 0; i < FLOATS; i++) {
      floats[i] = i;
    }
  }

  private void send(int kind) {
    exchange.send(Messages.leave(kind), List.of(Segment.of(floats, Wire.FP32)));
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

  private Exchange.Body body() {
    Segment into = Segment.of(arrived, Wire.FP32);
    return new Exchange.Body(
        new Segment.Decoder(List.of(List.of(into).iterator())),
        meter,
        () -> whole = true,
        cause -> {
          throw new IllegalStateException(cause);
        });
  }

  /** Announces floats of the message before, which were sent as so many bytes. */
  private void announce(long bytes) {
    ByteBuffer pieces = Messages.pieces(bytes, Messages.leave(1));
    exchange.take(Messages.kind(pieces), pieces, (kind, message) -> body());
  }

  /** Wakes the exchange: it reads what there is, and writes what fits. */
  private void wake() {
    exchange.take(Messages.WAKE, null, null);
  }

  @Test
  void floats_go_through_the_slots_as_these_become_free() throws IOException {
    send(1);
    ByteBuffer head = next(Messages.PIECES);
    assertThat(head.getLong()).isEqualTo(4L * FLOATS);
    assertThat(Messages.kind(head)).isEqualTo(Messages.LEAVE);
    assertThat(head.getInt()).isEqualTo(1);
    assertThat(next(Messages.WAKE)).as("nobody waits so far").isNull();
    assertThat(meter.encoding.sum()).isPositive();
    announce(4L * FLOATS);
    assertThat(next(Messages.WAKE)).as("the writer waited for a slot").isNotNull();
    assertThat(next(Messages.WAKE)).as("and is told once").isNull();
    assertThat(whole).as("more than the slots hold").isFalse();
    wake();
    assertThat(next(Messages.WAKE)).as("the reader waited for a piece").isNotNull();
    wake();
    assertThat(next(Messages.WAKE)).as("the writer is done").isNull();
    assertThat(whole).isTrue();
    assertThat(arrived).isEqualTo(floats);
  }

  @Test
  void messages_keep_their_order_also_those_without_floats() throws IOException {
    send(1);
    exchange.send(Messages.leave(2), List.of());
    channel.runPendingTasks();
    next(Messages.PIECES);
    assertThat(next(Messages.LEAVE)).as("waits for the floats before it").isNull();
    announce(4L * FLOATS);
    assertThat(next(Messages.WAKE)).isNotNull();
    wake();
    assertThat(next(Messages.WAKE)).isNotNull();
    assertThat(next(Messages.LEAVE).getInt()).isEqualTo(2);
  }

  @Test
  void the_floats_of_the_next_message_wait_for_their_head() {
    send(1);
    announce(4L * FLOATS);
    wake();
    wake();
    assertThat(whole).isTrue();
    send(2);
    wake();
    whole = false;
    announce(4L * FLOATS);
    wake();
    wake();
    assertThat(whole).isTrue();
  }

  @Test
  void two_threads_pass_more_than_the_slots_hold(@TempDir Path folder) throws Exception {
    SharedMemory memory = SharedMemory.create(folder, SLOT);
    Ring there = SharedMemory.open(folder, memory.key()).there();
    int rounds = 20_000;
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < rounds; i++) {
                ByteBuffer slot = memory.there().free();
                while (slot == null) {
                  slot = memory.there().free();
                }
                slot.putInt(i).position(Integer.BYTES + i % 100);
                memory.there().publish();
              }
            });
    for (int i = 0; i < rounds; i++) {
      ByteBuffer slot = there.next();
      while (slot == null) {
        slot = there.next();
      }
      assertThat(slot.remaining()).isEqualTo(Integer.BYTES + i % 100);
      assertThat(slot.getInt()).isEqualTo(i);
      there.release();
    }
    writer.get(10, TimeUnit.MINUTES);
  }

  @Test
  void nonsense_is_refused() {
    send(1);
    assertThatThrownBy(() -> announce(SLOT + 1))
        .hasMessage("a piece of " + SLOT + " bytes came where 1 are missing");
    assertThatThrownBy(() -> announce(7))
        .hasMessage("7 bytes are announced, and 1 of the message before are missing");
    exchange.readFrom(null);
    assertThatThrownBy(this::wake).hasMessage("no memory is shared");
  }
}
