// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.math.RandomBits;

class FramesTest {
  private static final int BYTES = 4 + 4 * 10; // ten floats a frame

  private final Frames frames = new Frames(BYTES);

  private static List<float[]> arrays(int... sizes) {
    List<float[]> arrays = new ArrayList<>();
    for (int size : sizes) {
      float[] array = new float[size];
      for (int i = 0; i < size; i++) {
        array[i] = RandomBits.uniform(size, i);
      }
      arrays.add(array);
    }
    return arrays;
  }

  /** As the other end sees them: in buffers that know nothing of the sender's byte order. */
  private static List<float[]> read(List<ByteBuffer> sent, int... sizes) {
    List<float[]> into = new ArrayList<>();
    for (int size : sizes) {
      into.add(new float[size]);
    }
    FrameReader reader = new FrameReader();
    reader.expect(into);
    for (ByteBuffer frame : sent) {
      assertThat(reader.isComplete()).isFalse();
      ByteBuffer received = ByteBuffer.allocate(frame.remaining()).put(frame.duplicate()).flip();
      assertThat(Messages.kind(received)).isEqualTo(Frames.FLOATS);
      reader.read(received);
    }
    assertThat(reader.isComplete()).isTrue();
    return into;
  }

  @Test
  void arrays_of_any_size_arrive_as_they_were() {
    for (int[] sizes : List.of(new int[] {1}, new int[] {9, 2}, new int[] {10, 0, 20, 3, 31})) {
      List<float[]> sent = arrays(sizes);
      assertThat(read(frames.encode(sent), sizes)).usingRecursiveComparison().isEqualTo(sent);
    }
  }

  @Test
  void no_frame_is_larger_than_asked_for() {
    List<ByteBuffer> sent = frames.encode(arrays(7, 25));
    assertThat(sent).extracting(ByteBuffer::remaining).containsExactly(44, 44, 44, 12);
  }

  @Test
  void no_floats_need_no_frames() {
    assertThat(frames.encode(arrays(0, 0))).isEmpty();
    assertThat(read(List.of(), 0, 0)).hasSize(2);
  }

  @Test
  void buffers_are_used_again_and_grow_when_they_must() {
    ByteBuffer small = frames.encode(arrays(3)).get(0);
    assertThat(frames.encode(arrays(2)).get(0).array()).isSameAs(small.array());
    assertThat(read(frames.encode(arrays(24)), 24))
        .usingRecursiveComparison()
        .isEqualTo(arrays(24));
    assertThat(read(frames.encode(arrays(3)), 3)).usingRecursiveComparison().isEqualTo(arrays(3));
  }

  @Test
  void more_floats_than_expected_are_refused() {
    FrameReader reader = new FrameReader();
    reader.expect(List.of(new float[2]));
    ByteBuffer frame = frames.encode(arrays(3)).get(0);
    frame.getInt();
    assertThatIllegalStateException()
        .isThrownBy(() -> reader.read(frame))
        .withMessage("1 floats more than expected came");
  }
}
