// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of a safetensors file, which describes its data. After {@link #read} the data is known
 * to be covered without gap or overlap.
 */
final class SafetensorsHeader {
  /** The limit of the format's own library. */
  private static final long MAX_BYTES = 100_000_000;

  private static final int ALIGNMENT = 8;
  private static final String METADATA = "__metadata__";
  private static final String TYPE = "dtype";
  private static final String SHAPE = "shape";
  private static final String OFFSETS = "data_offsets";

  private final String sourceName;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, String> metadata = new TreeMap<>();

  /**
   * An entry describes one tensor.
   *
   * @param begin its first byte, counted from the end of the header
   * @param end the byte behind its last
   */
  record Entry(String name, Type type, List<Integer> shape, int size, long begin, long end) {}

  /** The number formats that can be read as floats, by their names in the file. */
  enum Type {
    /** The format binary64 of IEEE 754, rounded to the nearest float. */
    F64(8),
    /** The format binary32 of IEEE 754. */
    F32(4),
    /** The format binary16 of IEEE 754. */
    F16(2),
    /** The upper half of a binary32. */
    BF16(2);

    /** The bytes of a number. */
    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Takes the first {@code count} numbers of the buffer, whose byte order decides. */
    void decode(ByteBuffer data, float[] into, int offset, int count) {
      for (int i = 0; i < count; i++) {
        into[offset + i] =
            switch (this) {
              case F64 -> (float) data.getDouble(i * 8);
              case F32 -> data.getFloat(i * 4);
              case F16 -> halfToFloat(data.getShort(i * 2));
              case BF16 -> Float.intBitsToFloat(data.getShort(i * 2) << 16);
            };
      }
    }

    /** Converts exactly, also subnormal halves; {@code Float.float16ToFloat} came with Java 20. */
    private static float halfToFloat(short half) {
      int bits = (half & 0x7FFF) << 13;
      boolean finite = bits < 0x0F800000;
      float magnitude =
          finite ? Float.intBitsToFloat(bits) * 0x1p112f : Float.intBitsToFloat(bits | 0x7F800000);
      return Math.copySign(magnitude, half);
    }
  }

  private SafetensorsHeader(String sourceName) {
    this.sourceName = sourceName;
  }

  /** Returns the tensors in the order of their data. */
  List<Entry> entries() {
    return entries;
  }

  /** Returns the texts that come with the tensors, by name. */
  Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Writes the length and the header of tensors of F32, one behind the other: JSON, padded with
   * blanks so that the data is aligned.
   *
   * @param shapes by name
   */
  static void write(
      OutputStream out, Map<String, List<Integer>> shapes, Map<String, String> metadata)
      throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(METADATA, new TreeMap<>(metadata));
    }
    long end = 0;
    for (Map.Entry<String, List<Integer>> shape : shapes.entrySet()) {
      long begin = end;
      end += Float.BYTES * shape.getValue().stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b);
      Map<String, Object> tensor = new LinkedHashMap<>();
      tensor.put(TYPE, Type.F32.name());
      tensor.put(SHAPE, shape.getValue());
      tensor.put(OFFSETS, List.of(begin, end));
      header.put(shape.getKey(), tensor);
    }
    byte[] json = StrictJson.MAPPER.writeValueAsBytes(header);
    byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    out.write(Safetensors.littleEndian(new byte[Long.BYTES]).putLong(padded.length).array());
    out.write(padded);
  }

  /**
   * Reads the length and the header.
   *
   * @throws InputException if anything about them is wrong
   */
  static SafetensorsHeader read(InputStream in, String sourceName) throws IOException {
    SafetensorsHeader header = new SafetensorsHeader(sourceName);
    JsonNode json = header.parse(header.readJson(in));
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equals(METADATA)) {
        header.takeMetadata(field.getValue());
      } else {
        header.entries.add(header.entry(field.getKey(), field.getValue()));
      }
    }
    header.entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    header.requireCovered();
    return header;
  }

  private byte[] readJson(InputStream in) throws IOException {
    byte[] prefix = in.readNBytes(Long.BYTES);
    if (prefix.length < Long.BYTES) {
      throw error(
          "has only " + prefix.length + " bytes, fewer than the length of the header takes");
    }
    long length = Safetensors.littleEndian(prefix).getLong();
    if (Long.compareUnsigned(length, MAX_BYTES) > 0) {
      throw error(
          ("says that its header has %s bytes, more than %s: it is damaged or not a"
                  + " safetensors file")
              .formatted(Long.toUnsignedString(length), MAX_BYTES));
    }
    byte[] json = in.readNBytes((int) length);
    if (json.length < length) {
      throw error(
          "is cut off inside its header, after " + json.length + " of " + length + " bytes");
    }
    if (length == 0 || json[0] != '{') {
      throw error(
          "has a header that does not start with '{': it is damaged or not a safetensors file");
    }
    return json;
  }

  private JsonNode parse(byte[] json) throws IOException {
    try {
      return StrictJson.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new InputException(
          sourceName + " has a header that is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private void takeMetadata(JsonNode json) {
    if (!json.isObject()) {
      throw error("has metadata that is not an object: " + json);
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!field.getValue().isTextual()) {
        throw error("has metadata '" + field.getKey() + "' that is not text: " + field.getValue());
      }
      metadata.put(field.getKey(), field.getValue().textValue());
    }
  }

  private Entry entry(String name, JsonNode json) {
    if (!json.isObject()) {
      throw error(name, "is not described by an object but by " + json);
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!List.of(TYPE, SHAPE, OFFSETS).contains(field.getKey())) {
        throw error(name, "has the unknown field '" + field.getKey() + "'");
      }
    }
    Type type = type(name, json.path(TYPE));
    List<Integer> shape = shape(name, json.path(SHAPE));
    int size = size(name, shape);
    long[] offsets = wholeNumbers(name, OFFSETS, json.path(OFFSETS));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw error(name, "must have two rising data_offsets but has " + json.path(OFFSETS));
    }
    long bytes = (long) size * type.bytes;
    if (offsets[1] - offsets[0] != bytes) {
      throw error(
          name,
          "of shape %s and type %s takes %d bytes, but its data_offsets %s span %d"
              .formatted(shape, type, bytes, Arrays.toString(offsets), offsets[1] - offsets[0]));
    }
    return new Entry(name, type, shape, size, offsets[0], offsets[1]);
  }

  private Type type(String name, JsonNode json) {
    for (Type type : Type.values()) {
      if (json.isTextual() && type.name().equals(json.textValue())) {
        return type;
      }
    }
    throw error(
        name,
        "has the dtype " + json + ", but only " + Arrays.toString(Type.values()) + " can be read");
  }

  private List<Integer> shape(String name, JsonNode json) {
    List<Integer> shape = new ArrayList<>();
    for (long dimension : wholeNumbers(name, SHAPE, json)) {
      if (dimension > Integer.MAX_VALUE) {
        throw error(name, "has the shape " + json + ", which is too large");
      }
      shape.add((int) dimension);
    }
    return List.copyOf(shape);
  }

  private int size(String name, List<Integer> shape) {
    long size = shape.contains(0) ? 0 : 1;
    for (int dimension : shape) {
      size *= dimension;
      if (size > Integer.MAX_VALUE) {
        throw error(name, "has the shape " + shape + ", more than 2^31 numbers");
      }
    }
    return (int) size;
  }

  private long[] wholeNumbers(String name, String field, JsonNode json) {
    long[] numbers = new long[json.size()];
    boolean valid = json.isArray();
    for (int i = 0; i < numbers.length && valid; i++) {
      JsonNode number = json.get(i);
      numbers[i] = number.longValue();
      valid = number.isIntegralNumber() && number.canConvertToLong() && numbers[i] >= 0;
    }
    if (!valid) {
      throw error(name, "must have a list of whole numbers as " + field + " but has " + json);
    }
    return numbers;
  }

  private void requireCovered() {
    long end = 0;
    for (Entry entry : entries) {
      if (entry.begin() != end) {
        throw error(
            entry.name(),
            "%s: its data starts at byte %s instead of %s"
                .formatted(
                    entry.begin() < end
                        ? "overlaps the tensor before it"
                        : "leaves a gap before it",
                    entry.begin(),
                    end));
      }
      end = entry.end();
    }
  }

  private InputException error(String problem) {
    return new InputException(sourceName + " " + problem);
  }

  private InputException error(String tensor, String problem) {
    return new InputException(sourceName + ": tensor " + tensor + " " + problem);
  }
}
