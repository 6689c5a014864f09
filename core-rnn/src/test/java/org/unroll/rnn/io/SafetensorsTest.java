// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

class SafetensorsTest {

  private static final ParamLayout LAYOUT =
      new ParamLayout.Builder()
          .add("w", Param.Role.INPUT_WEIGHT, 2, 3)
          .add("b", Param.Role.INPUT_BIAS, 2)
          .build();

  private static final float[] PARAMS = {
    1, -2.5f, 3, Float.MIN_VALUE, -0f, Float.NaN, 7, Float.MAX_VALUE
  };

  private static byte[] written(ParamLayout layout, float[] params, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, layout, params, metadata);
    return out.toByteArray();
  }

  private static float[] read(byte[] bytes, ParamLayout layout) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), "m.safetensors", layout);
  }

  private static Map<String, Safetensors.Tensor> readAll(byte[] bytes) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), "m.safetensors");
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  @Test
  void the_bytes_are_the_formats() throws IOException {
    byte[] bytes = written(LAYOUT, PARAMS, Map.of());
    String json =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}}";
    int padded = (json.length() + 7) / 8 * 8;
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(buffer.getLong()).isEqualTo(padded);
    assertThat(new String(bytes, 8, padded, UTF_8)).startsWith(json).matches(".*}}\\s*");
    assertThat(bytes).hasSize(8 + padded + 32);
    assertThat(buffer.getFloat(8 + padded + 4)).isEqualTo(-2.5f);
  }

  @Test
  void data_is_aligned_for_any_length_of_the_header() throws IOException {
    for (int length = 1; length <= 9; length++) {
      ParamLayout layout =
          new ParamLayout.Builder().add("n".repeat(length), Param.Role.INPUT_BIAS, 1).build();
      assertThat(written(layout, new float[1], Map.of()).length % 8)
          .as("name of %d", length)
          .isEqualTo(4);
    }
  }

  @Test
  void the_same_content_gives_the_same_bytes_in_any_order_of_the_metadata() throws IOException {
    Map<String, String> forward = new LinkedHashMap<>();
    forward.put("format", "pt");
    forward.put("a \"quoted\" key", "\u00e9\n");
    Map<String, String> backward = new LinkedHashMap<>();
    backward.put("a \"quoted\" key", "\u00e9\n");
    backward.put("format", "pt");
    byte[] bytes = written(LAYOUT, PARAMS, forward);
    assertThat(bytes).isEqualTo(written(LAYOUT, PARAMS, backward));
    assertThat(new String(bytes, UTF_8)).contains("{\"__metadata__\":{\"a \\\"quoted\\\" key\":");
    assertThat(read(bytes, LAYOUT)).isEqualTo(PARAMS);
  }

  @Test
  void every_bit_comes_back() throws IOException {
    assertThat(read(written(LAYOUT, PARAMS, Map.of("format", "pt")), LAYOUT)).isEqualTo(PARAMS);
    Map<String, Safetensors.Tensor> all = readAll(written(LAYOUT, PARAMS, Map.of("format", "pt")));
    assertThat(all.keySet()).containsExactly("w", "b");
    assertThat(all.get("w").shape()).containsExactly(2, 3);
    assertThat(all.get("b").values()).containsExactly(7, Float.MAX_VALUE);
  }

  @Test
  void a_whole_model_with_tensors_larger_than_the_buffer_comes_back() throws IOException {
    ParamLayout layout =
        TestNetworks.language(101, 37, CellType.LSTM, 3, 83, true, 0, false, true).layout();
    SplittableRandom random = new SplittableRandom(7);
    float[] params = new float[layout.size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = Float.intBitsToFloat(random.nextInt() & 0x7F7FFFFF);
    }
    assertThat(layout.get("rnn.weight_hh_l1").size()).isGreaterThan(1 << 14);
    assertThat(read(written(layout, params, Map.of()), layout)).isEqualTo(params);
  }

  @Test
  void tensors_are_found_by_name_in_any_order() throws IOException {
    byte[] data =
        ByteBuffer.allocate(32)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(8)
            .putFloat(9)
            .putFloat(1)
            .array();
    String header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
            + "\"b\":{\"data_offsets\":[0,8],\"shape\":[2],\"dtype\":\"F32\"}}";
    assertThat(read(file(header, data), LAYOUT)).containsExactly(1, 0, 0, 0, 0, 0, 8, 9);
  }

  @Test
  void tensors_by_name_give_the_bytes_of_a_layout() throws IOException {
    byte[] bytes = written(LAYOUT, PARAMS, Map.of("format", "pt"));
    ByteArrayOutputStream again = new ByteArrayOutputStream();
    Safetensors.write(again, readAll(bytes), Map.of("format", "pt"));
    assertThat(again.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void half_and_brain_and_double_numbers_are_read() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8 * 2 + 2 * 2 + 2 * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int half : new int[] {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x83FF, 0x8000, 0x7C00, 0x0400}) {
      data.putShort((short) half);
    }
    data.putShort((short) 0x3F80).putShort((short) 0xC2F7);
    data.putDouble(0.1).putDouble(1e300);
    String header =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[2,4],\"data_offsets\":[0,16]},"
            + "\"r\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[16,20]},"
            + "\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[20,36]}}  ";
    Map<String, Safetensors.Tensor> all = readAll(file(header, data.array()));
    assertThat(all.get("h").values())
        .containsExactly(
            1, -2, 65504, 0x1p-24f, -0x1.ff8p-15f, -0f, Float.POSITIVE_INFINITY, 0x1p-14f);
    assertThat(all.get("r").values()).containsExactly(1, -123.5f);
    assertThat(all.get("d").values()).containsExactly(0.1f, Float.POSITIVE_INFINITY);
  }

  @Test
  void half_not_a_number_stays_one() throws IOException {
    byte[] nan = {0x00, 0x7E};
    String header = "{\"h\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}}";
    Safetensors.Tensor tensor = readAll(file(header, nan)).get("h");
    assertThat(tensor.shape()).isEmpty();
    assertThat(tensor.values()).containsExactly(Float.NaN);
  }

  @Test
  void empty_tensors_and_files_without_tensors_are_valid() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"e\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,0],"
            + "\"data_offsets\":[0,0]}}";
    assertThat(readAll(file(header, new byte[4])).get("e").values()).isEmpty();
    assertThat(readAll(file("{}", new byte[0]))).isEmpty();
  }

  @Test
  void another_model_is_refused_with_what_differs() throws IOException {
    byte[] bytes = written(LAYOUT, PARAMS, Map.of());
    ParamLayout wider =
        new ParamLayout.Builder()
            .add("w", Param.Role.INPUT_WEIGHT, 3, 2)
            .add("b", Param.Role.INPUT_BIAS, 2)
            .build();
    assertThatThrownBy(() -> read(bytes, wider))
        .isInstanceOf(InputException.class)
        .hasMessage("m.safetensors: tensor w has the shape [2, 3], but the model needs [3, 2]");
    ParamLayout other =
        new ParamLayout.Builder()
            .add("w", Param.Role.INPUT_WEIGHT, 2, 3)
            .add("bias", Param.Role.INPUT_BIAS, 2)
            .build();
    assertThatThrownBy(() -> read(bytes, other))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "m.safetensors does not belong to this model: missing are [bias], unknown are [b]");
  }

  @Test
  void a_vector_that_does_not_fit_the_layout_is_not_written() {
    assertThatThrownBy(() -> written(LAYOUT, new float[7], Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8 parameters")
        .hasMessageContaining("7");
  }

  @Test
  void a_file_cut_anywhere_is_refused() throws IOException {
    byte[] bytes = written(LAYOUT, PARAMS, Map.of());
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(cut, LAYOUT))
          .as("cut to %d", length)
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("m.safetensors ");
    }
  }

  @Test
  void bytes_behind_the_data_are_refused() throws IOException {
    byte[] bytes = written(LAYOUT, PARAMS, Map.of());
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> read(longer, LAYOUT)).hasMessageContaining("bytes behind");
    assertThatThrownBy(() -> readAll(longer)).hasMessageContaining("bytes behind");
  }

  @Test
  void a_damaged_header_never_gives_anything_but_an_input_error() throws IOException {
    byte[] bytes = written(LAYOUT, PARAMS, Map.of("format", "pt"));
    int headerEnd = bytes.length - 4 * PARAMS.length;
    SplittableRandom random = new SplittableRandom(11);
    int refused = 0;
    for (int trial = 0; trial < 3000; trial++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(headerEnd)] = (byte) random.nextInt(256);
      try {
        read(damaged, LAYOUT);
      } catch (InputException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(2000);
  }

  @Test
  void entries_come_in_the_order_of_their_data() throws IOException {
    String header =
        "{\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
            + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    assertThat(List.copyOf(readAll(file(header, new byte[8])).keySet())).containsExactly("y", "z");
  }
}
