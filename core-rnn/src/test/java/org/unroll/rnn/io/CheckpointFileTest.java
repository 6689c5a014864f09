// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class CheckpointFileTest {
  private static final Map<String, String> TEXTS = Map.of("lr", "0.002", "poem", "é\n\"{}");

  private static byte[] written(Map<String, float[]> vectors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CheckpointFile.write(out, new CheckpointFile.Content(TEXTS, vectors));
    return out.toByteArray();
  }

  private static Map<String, float[]> vectors() {
    Map<String, float[]> vectors = new LinkedHashMap<>();
    vectors.put("params", new float[] {1.5f, -0f, Float.MIN_VALUE});
    vectors.put("empty", new float[0]);
    float[] many = new float[40_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = 1f / (i + 1);
    }
    vectors.put("a", many);
    return vectors;
  }

  private static CheckpointFile.Content read(byte[] file) throws IOException {
    return CheckpointFile.read(new ByteArrayInputStream(file), "x.safetensors");
  }

  private static Optional<String> damage(byte[] file) throws IOException {
    return CheckpointFile.findDamage(new ByteArrayInputStream(file));
  }

  @Test
  void what_was_written_comes_back() throws IOException {
    byte[] file = written(vectors());
    assertThat(damage(file)).isEmpty();
    CheckpointFile.Content content = read(file);
    assertThat(content.texts()).isEqualTo(TEXTS);
    assertThat(content.vectors().keySet()).containsExactly("params", "empty", "a");
    vectors()
        .forEach((name, vector) -> assertThat(content.vectors().get(name)).containsExactly(vector));
    assertThat(written(vectors())).isEqualTo(file);
  }

  @Test
  void any_reader_of_safetensors_finds_tensors_and_checksum() throws IOException {
    byte[] file = written(vectors());
    Map<String, Safetensors.Tensor> tensors =
        Safetensors.read(new ByteArrayInputStream(file), "x.safetensors");
    assertThat(tensors.keySet()).containsExactly("params", "empty", "a", "crc32c");
    CRC32C crc = new CRC32C();
    crc.update(file, 0, file.length - 8);
    float[] halves = tensors.get("crc32c").values();
    assertThat((long) halves[0] * 65536 + (long) halves[1]).isEqualTo(crc.getValue());
  }

  @Test
  void every_flipped_bit_is_noticed() throws IOException {
    byte[] file = written(Map.of("params", new float[] {1, 2, 3}));
    for (int bit = 0; bit < 8 * file.length; bit++) {
      byte[] flipped = file.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(damage(flipped)).as("bit %d", bit).isPresent();
    }
  }

  @Test
  void every_truncation_is_noticed() throws IOException {
    byte[] file = written(Map.of("params", new float[] {1, 0, 0}));
    for (int length = 0; length < file.length; length++) {
      assertThat(damage(Arrays.copyOf(file, length))).as("%d bytes", length).isPresent();
    }
    assertThat(damage(new byte[0])).contains("is empty");
    assertThat(damage(new byte[5])).contains("has only 5 bytes");
    byte[] large = written(vectors());
    assertThat(damage(Arrays.copyOf(large, large.length / 2)).orElseThrow())
        .startsWith("is cut off or damaged");
  }

  @Test
  void other_files_and_versions_are_told_apart() throws IOException {
    byte[] file = written(Map.of());
    String newer = new String(file, "ISO-8859-1").replace("version\":\"4\"", "version\":\"7\"");
    assertThatThrownBy(() -> read(newer.getBytes("ISO-8859-1")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("x.safetensors is a checkpoint of version 7")
        .hasMessageContaining("reads version 4");
    String other =
        new String(file, "ISO-8859-1").replace("checkpoint_version", "checkpoint_verzion");
    assertThatThrownBy(() -> read(other.getBytes("ISO-8859-1")))
        .isInstanceOf(InputException.class)
        .hasMessage("x.safetensors is no checkpoint.");
  }
}
