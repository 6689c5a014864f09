// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.util.AbstractFileRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.train.Wire;

class FloatsTest {
  private static float[] numbers(int size) {
    float[] array = new float[size];
    for (int i = 0; i < size; i++) {
      array[i] = RandomBits.uniform(size, i) - 0.5f;
    }
    return array;
  }

  /** Parts of arrays, of several sizes; with numbers of 16 bits before such of 32. */
  private static List<Segment> segments(Wire wire) {
    return List.of(
        new Segment(numbers(40), 3, 38, wire),
        new Segment(numbers(5), 2, 2, wire),
        new Segment(numbers(20_000), 0, 20_000, wire),
        Segment.of(numbers(7), Wire.FP32));
  }

  private static List<Segment> empty(List<Segment> like) {
    return like.stream()
        .map(s -> new Segment(new float[s.array().length], s.from(), s.to(), s.wire()))
        .toList();
  }

  /** What arrives of segments: rounded, and nothing beside them. */
  private static List<float[]> expected(List<Segment> sent) {
    List<float[]> expected = new ArrayList<>();
    for (Segment s : sent) {
      float[] array = new float[s.array().length];
      System.arraycopy(s.array(), s.from(), array, s.from(), s.size());
      s.wire().round(array, 0, array.length);
      expected.add(array);
    }
    return expected;
  }

  /** A channel that takes at most so many bytes at a time. */
  private static byte[] transfer(OutgoingFloats floats, int atMost) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WritableByteChannel channel =
        new WritableByteChannel() {
          @Override
          public int write(ByteBuffer from) {
            int n = Math.min(atMost, from.remaining());
            byte[] taken = new byte[n];
            from.get(taken);
            bytes.writeBytes(taken);
            return n;
          }

          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {}
        };
    AbstractFileRegion region = (AbstractFileRegion) floats.convertToNetty();
    while (region.transferred() < region.count()) {
      region.transferTo(channel, region.transferred());
    }
    region.release();
    return bytes.toByteArray();
  }

  private static Segment.Decoder decoder(List<Segment> into) {
    return new Segment.Decoder(List.of(into.iterator()));
  }

  private static List<float[]> decode(byte[] bytes, int atATime, List<Segment> into) {
    Segment.Decoder decoder = decoder(into);
    for (int at = 0; at < bytes.length; at += atATime) {
      assertThat(decoder.isComplete()).isFalse();
      decoder.read(ByteBuffer.wrap(bytes, at, Math.min(atATime, bytes.length - at)).slice());
    }
    assertThat(decoder.isComplete()).isTrue();
    return into.stream().map(Segment::array).toList();
  }

  @ParameterizedTest
  @EnumSource
  void numbers_arrive_however_the_network_cuts_them(Wire wire) throws IOException {
    List<Segment> sent = segments(wire);
    for (int size : List.of(1, 3, 1000, 1 << 20)) {
      byte[] bytes = transfer(new OutgoingFloats(sent, 16384, new LongAdder()), size);
      assertThat(bytes).hasSize((int) new OutgoingFloats(sent, 16384, new LongAdder()).size());
      assertThat(decode(bytes, size, empty(sent)))
          .usingRecursiveComparison()
          .isEqualTo(expected(sent));
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_stream_and_a_buffer_have_the_same_bytes_as_a_channel(Wire wire) throws IOException {
    OutgoingFloats floats = new OutgoingFloats(segments(wire), 16384, new LongAdder());
    byte[] bytes = transfer(floats, 1 << 20);
    assertThat(floats.createInputStream().readAllBytes()).isEqualTo(bytes);
    assertThat(floats.nioByteBuffer().array()).isEqualTo(bytes);
    ByteArrayOutputStream one = new ByteArrayOutputStream();
    try (var in = floats.createInputStream()) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        one.write(b);
      }
    }
    assertThat(one.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void numbers_of_16_bits_take_half_the_bytes() {
    float[] array = new float[100];
    assertThat(
            new OutgoingFloats(List.of(Segment.of(array, Wire.BF16)), 64, new LongAdder()).size())
        .isEqualTo(200);
    assertThat(
            new OutgoingFloats(List.of(Segment.of(array, Wire.FP32)), 64, new LongAdder()).size())
        .isEqualTo(400);
  }

  @Test
  void nothing_is_complete_at_once_and_more_than_expected_is_refused() {
    Segment.Decoder decoder =
        new Segment.Decoder(List.of(List.of(Segment.of(new float[0], Wire.FP32)).iterator()));
    assertThat(decoder.isComplete()).isTrue();
    assertThatThrownBy(() -> decoder.read(ByteBuffer.allocate(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("3 bytes more than expected came");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1,256", "0,255", "256,256", "512,256", "0,1024", "0,256,0,256", "-256,0"})
  void runs_that_are_none_are_refused(String text) {
    int[] runs = java.util.Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
    assertThatThrownBy(() -> Runs.require(runs, Span.all(700)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("are no run");
  }

  @Test
  void runs_end_at_the_end_of_the_vector() {
    int[] runs = {0, 256, 512, 700};
    assertThat(Runs.require(runs, Span.all(700))).isSameAs(runs);
  }

  @ParameterizedTest
  @EnumSource
  void packed_numbers_of_several_chunks_are_those_that_travel(Wire wire) {
    List<Segment> sent = new ArrayList<>(segments(wire));
    sent.add(Segment.of(numbers(200_001), wire));
    List<Segment> got = empty(sent);
    new Segment.Packed(sent).unpack(decoder(got));
    assertThat(got.stream().map(Segment::array).toList())
        .usingRecursiveComparison()
        .isEqualTo(expected(sent));
  }

  @Test
  void packed_numbers_do_not_fill_segments_of_other_sizes() {
    Segment.Packed packed = new Segment.Packed(List.of(Segment.of(numbers(10), Wire.FP32)));
    assertThatThrownBy(() -> packed.unpack(decoder(List.of(Segment.of(new float[11], Wire.FP32)))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("fewer numbers were packed than expected");
    assertThatThrownBy(() -> packed.unpack(decoder(List.of(Segment.of(new float[9], Wire.FP32)))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("4 bytes more than expected came");
  }
}
