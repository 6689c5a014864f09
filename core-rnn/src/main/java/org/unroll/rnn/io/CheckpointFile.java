// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Checksum;

/**
 * Writes and reads the file of a checkpoint: texts and vectors by name, as a safetensors file whose
 * last tensor is the CRC-32C of all bytes before its data. The checksum is two numbers, its upper
 * and its lower 16 bits, so that any reader of safetensors can check it. Vectors are streamed from
 * where they are. Streams stay open.
 */
public final class CheckpointFile {
  /** The version this program writes, and the only one it reads. */
  public static final int FORMAT_VERSION = 4;

  private static final String VERSION = "checkpoint_version";
  private static final String CHECKSUM = "crc32c";
  private static final int CHECKSUM_BYTES = 2 * Float.BYTES;
  private static final int BUFFER_BYTES = 1 << 16;

  private CheckpointFile() {}

  /**
   * The content of a file is texts and vectors.
   *
   * @param texts by name
   * @param vectors by name, in the order they were written
   */
  public record Content(Map<String, String> texts, Map<String, float[]> vectors) {}

  /** Writes a file; nothing depends on time or machine. */
  public static void write(OutputStream out, Content content) throws IOException {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    content.vectors().forEach((name, vector) -> shapes.put(name, List.of(vector.length)));
    shapes.put(CHECKSUM, List.of(2));
    Map<String, String> texts = new LinkedHashMap<>(content.texts());
    texts.put(VERSION, Integer.toString(FORMAT_VERSION));

    CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32C());
    SafetensorsHeader.write(checked, shapes, texts);
    for (float[] vector : content.vectors().values()) {
      Safetensors.writeFloats(checked, vector);
    }
    Safetensors.writeFloats(out, floats(checked.getChecksum()));
  }

  private static float[] floats(Checksum checksum) {
    return new float[] {checksum.getValue() >>> 16, checksum.getValue() & 0xFFFF};
  }

  /**
   * Reads a whole file and compares its checksum.
   *
   * @return what is wrong, to stand behind the file's name as in "is empty", or nothing
   */
  public static Optional<String> findDamage(InputStream in) throws IOException {
    CRC32C checksum = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    // The checksum's own bytes are the last: as many are held back until more have been read.
    int held = in.readNBytes(buffer, 0, CHECKSUM_BYTES);
    if (held < CHECKSUM_BYTES) {
      return Optional.of(held == 0 ? "is empty" : "has only " + held + " bytes");
    }
    int got;
    while ((got = in.read(buffer, CHECKSUM_BYTES, buffer.length - CHECKSUM_BYTES)) > 0) {
      checksum.update(buffer, 0, got);
      System.arraycopy(buffer, got, buffer, 0, CHECKSUM_BYTES);
    }
    float[] found = new float[2];
    SafetensorsHeader.Type.F32.decode(Safetensors.littleEndian(buffer), found, 0, 2);
    float[] expected = floats(checksum);
    return found[0] == expected[0] && found[1] == expected[1]
        ? Optional.empty()
        : Optional.of("is cut off or damaged: its checksum does not match its content");
  }

  /**
   * Reads a file without damage.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is no checkpoint, or one of another version
   */
  public static Content read(InputStream in, String sourceName) throws IOException {
    SafetensorsHeader header = SafetensorsHeader.read(in, sourceName);
    Map<String, String> texts = new LinkedHashMap<>(header.metadata());
    String version = texts.remove(VERSION);
    if (!Integer.toString(FORMAT_VERSION).equals(version)) {
      throw new InputException(
          version == null
              ? sourceName + " is no checkpoint."
              : ("%s is a checkpoint of version %s, but this program reads version %s: go on with"
                      + " the program that wrote it.")
                  .formatted(sourceName, version, FORMAT_VERSION));
    }
    Map<String, float[]> vectors = new LinkedHashMap<>();
    Safetensors.read(in, sourceName, header)
        .forEach((name, tensor) -> vectors.put(name, tensor.values()));
    vectors.remove(CHECKSUM);
    return new Content(texts, vectors);
  }
}
