// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsHeaderTest {

  private static SafetensorsHeader read(long length, byte[] json) throws IOException {
    byte[] bytes =
        ByteBuffer.allocate(8 + json.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(length)
            .put(json)
            .array();
    return SafetensorsHeader.read(new ByteArrayInputStream(bytes), "f");
  }

  private static SafetensorsHeader read(String json) throws IOException {
    byte[] bytes = json.getBytes(UTF_8);
    return read(bytes.length, bytes);
  }

  /** A tensor's description with the fields given, in single quotes. */
  private static String tensor(String name, String dtype, String shape, String offsets) {
    return "'%s':{'dtype':%s,'shape':%s,'data_offsets':%s}"
        .formatted(name, dtype, shape, offsets)
        .replace('\'', '"');
  }

  @Test
  void a_valid_header_is_read() throws IOException {
    SafetensorsHeader header =
        read(
            "{"
                + tensor("a", "'BF16'", "[3,2]", "[4,16]")
                + ","
                + tensor("s", "'F32'", "[]", "[0,4]")
                + "} \n ");
    assertThat(header.entries())
        .extracting(SafetensorsHeader.Entry::name)
        .containsExactly("s", "a");
    assertThat(header.entries().get(1).size()).isEqualTo(6);
    assertThat(header.entries().get(1).type()).isEqualTo(SafetensorsHeader.Type.BF16);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'I64'  | [2]    | [0,16]  | has the dtype \"I64\", but only [F64, F32, F16, BF16] can be"
            + " read",
        "'f32'  | [2]    | [0,8]   | has the dtype \"f32\"",
        "32     | [2]    | [0,8]   | has the dtype 32",
        "null   | [2]    | [0,8]   | has the dtype null",
        "'F32'  | 2      | [0,8]   | must have a list of whole numbers as shape but has 2",
        "'F32'  | {'a':2} | [0,8]  | must have a list of whole numbers as shape",
        "'F32'  | [2.0]  | [0,8]   | must have a list of whole numbers as shape but has [2.0]",
        "'F32'  | [-2]   | [0,8]   | must have a list of whole numbers as shape but has [-2]",
        "'F32'  | ['2']  | [0,8]   | must have a list of whole numbers as shape",
        "'F32'  | [[2]]  | [0,8]   | must have a list of whole numbers as shape",
        "'F32'  | [99999999999999999999] | [0,8] | must have a list of whole numbers as shape",
        "'F32'  | [2147483648] | [0,8] | has the shape [2147483648], which is too large",
        "'F32'  | [65536,65536] | [0,0] | has the shape [65536, 65536], more than 2^31 numbers",
        "'F32'  | [2147483647,2147483647,2147483647] | [0,4] | more than 2^31 numbers",
        "'F32'  | [2]    | 8       | must have a list of whole numbers as data_offsets",
        "'F32'  | [2]    | [0]     | must have two rising data_offsets but has [0]",
        "'F32'  | [2]    | [0,8,8] | must have two rising data_offsets",
        "'F32'  | [2]    | [8,0]   | must have two rising data_offsets",
        "'F32'  | [2]    | [-8,0]  | must have a list of whole numbers as data_offsets",
        "'F32'  | [2]    | [0,8.5] | must have a list of whole numbers as data_offsets",
        "'F32'  | [2]    | [0,4]   | takes 8 bytes, but its data_offsets [0, 4] span 4",
        "'F64'  | [2]    | [0,8]   | takes 16 bytes",
        "'F16'  | [3]    | [0,8]   | takes 6 bytes",
        "'F32'  | [2]    | [4,12]  | leaves a gap before it: its data starts at byte 4 instead of"
            + " 0",
      })
  void a_wrong_entry_is_refused_by_name(
      String dtype, String shape, String offsets, String message) {
    assertThatThrownBy(() -> read("{" + tensor("t", dtype, shape, offsets) + "}"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("f: tensor t ")
        .hasMessageContaining(message);
  }

  @Test
  void missing_and_unknown_fields_are_refused() {
    assertThatThrownBy(() -> read("{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}"))
        .hasMessageContaining("data_offsets");
    assertThatThrownBy(() -> read("{\"t\":{\"shape\":[1],\"data_offsets\":[0,4]}}"))
        .hasMessageContaining("dtype");
    assertThatThrownBy(() -> read("{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}"))
        .hasMessageContaining("shape");
    String extra = "{" + tensor("t", "'F32'", "[1]", "[0,4],'strides':[1]") + "}";
    assertThatThrownBy(() -> read(extra)).hasMessage("f: tensor t has the unknown field 'strides'");
    assertThatThrownBy(() -> read("{\"t\":[1]}"))
        .hasMessage("f: tensor t is not described by an object but by [1]");
  }

  @Test
  void overlaps_and_gaps_are_refused() {
    String a = tensor("a", "'F32'", "[2]", "[0,8]");
    assertThatThrownBy(() -> read("{" + a + "," + tensor("b", "'F32'", "[2]", "[4,12]") + "}"))
        .hasMessage(
            "f: tensor b overlaps the tensor before it: its data starts at byte 4 instead of 8");
    assertThatThrownBy(() -> read("{" + a + "," + tensor("b", "'F32'", "[1]", "[4,8]") + "}"))
        .hasMessageContaining("tensor b overlaps");
    assertThatThrownBy(() -> read("{" + a + "," + tensor("b", "'F32'", "[2]", "[12,20]") + "}"))
        .hasMessageContaining("tensor b leaves a gap");
  }

  @Test
  void duplicate_names_are_refused() {
    String a = tensor("a", "'F32'", "[2]", "[0,8]");
    assertRefused("{" + a + "," + a + "}", "Duplicate");
    assertRefused(
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "Duplicate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{}}", "{} x", "{\"a\":}", "{'a':1}", "{\"a\u0001\":1}"})
  void what_is_not_json_is_refused(String json) {
    assertRefused(json, "not valid JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", " {}", "PK\u0003\u0004", "null"})
  void a_header_must_start_with_a_brace(String json) {
    assertRefused(json, "does not start with '{'");
  }

  @Test
  void deep_nesting_is_refused_rather_than_overflowing_the_stack() {
    assertRefused("{\"a\":" + "[".repeat(100_000), "not valid JSON");
  }

  @Test
  void metadata_must_be_text_by_key() throws IOException {
    assertThat(read("{\"__metadata__\":{\"format\":\"pt\"}}").entries()).isEmpty();
    assertRefused("{\"__metadata__\":\"pt\"}", "metadata that is not an object");
    assertRefused("{\"__metadata__\":{\"format\":1}}", "metadata 'format' that is not text: 1");
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("f has ")
        .hasMessageContaining(message);
  }

  @Test
  void absurd_lengths_are_refused_without_taking_memory() {
    byte[] json = "{}".getBytes(UTF_8);
    assertThatThrownBy(() -> read(100_000_001, json))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("100000001 bytes, more than 100000000");
    assertThatThrownBy(() -> read(-1, json)).hasMessageContaining("18446744073709551615 bytes");
    assertThatThrownBy(() -> read(3, json)).hasMessageContaining("after 2 of 3 bytes");
    assertThatThrownBy(() -> SafetensorsHeader.read(new ByteArrayInputStream(new byte[5]), "f"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("only 5 bytes");
  }
}
