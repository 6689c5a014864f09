// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * Writes and reads the safetensors format (github.com/huggingface/safetensors): the length of the
 * header as 8 little-endian bytes, a header in JSON that gives every tensor's name, type, shape and
 * place, and the data, little-endian and row-major. F32 is written; F32, F16, BF16 and F64 are
 * read. Equal content gives equal bytes: nothing depends on time or machine. Streams stay open.
 */
public final class Safetensors {
  private static final int BUFFER_BYTES = 1 << 16;

  private Safetensors() {}

  /**
   * A tensor as it was read or is to be written.
   *
   * @param shape its dimensions; none for a single number
   * @param values its elements, row-major
   */
  public record Tensor(List<Integer> shape, float[] values) {}

  /**
   * Writes a parameter vector as F32 tensors in the order of the layout.
   *
   * @param metadata text for other readers, such as {@code format = pt}; written in the order of
   *     the keys
   */
  public static void write(
      OutputStream out, ParamLayout layout, float[] params, Map<String, String> metadata)
      throws IOException {
    if (params.length != layout.size()) {
      throw new IllegalArgumentException(
          "the layout has " + layout.size() + " parameters but the vector has " + params.length);
    }
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    layout.params().forEach(param -> shapes.put(param.name(), param.shape()));
    SafetensorsHeader.write(out, shapes, metadata);
    writeFloats(out, params);
  }

  /**
   * Writes tensors as F32 in the order of the map.
   *
   * @param metadata text for other readers; written in the order of the keys
   */
  public static void write(
      OutputStream out, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    SafetensorsHeader.write(out, shapes, metadata);
    for (Tensor tensor : tensors.values()) {
      writeFloats(out, tensor.values());
    }
  }

  static void writeFloats(OutputStream out, float[] values) throws IOException {
    ByteBuffer buffer = littleEndian(new byte[BUFFER_BYTES]);
    int chunk = BUFFER_BYTES / Float.BYTES;
    int count;
    for (int done = 0; done < values.length; done += count) {
      count = Math.min(chunk, values.length - done);
      buffer.asFloatBuffer().put(values, done, count);
      out.write(buffer.array(), 0, count * Float.BYTES);
    }
  }

  /**
   * Reads a parameter vector. Tensors are found by name, in whatever order they are.
   *
   * @param sourceName what messages call the file
   * @param expected names and shapes, all of which the file must have and no others
   * @throws InputException if the file is damaged or has other tensors, naming what differs
   */
  public static float[] read(InputStream in, String sourceName, ParamLayout expected)
      throws IOException {
    SafetensorsHeader header = SafetensorsHeader.read(in, sourceName);
    requireSame(header, expected, sourceName);
    float[] params = new float[expected.size()];
    Data data = new Data(in, sourceName);
    for (SafetensorsHeader.Entry entry : header.entries()) {
      data.read(entry, params, expected.get(entry.name()).offset());
    }
    data.requireEnd();
    return params;
  }

  /**
   * Reads the parameter vector of a model.
   *
   * @throws InputException if the file is damaged, has numbers that are not finite, or has other
   *     tensors, naming what differs
   */
  public static float[] readFinite(InputStream in, String sourceName, ParamLayout expected)
      throws IOException {
    float[] params = read(in, sourceName, expected);
    for (Param param : expected.params()) {
      requireFinite(param.name(), params, param.offset(), param.size(), sourceName);
    }
    return params;
  }

  /**
   * Reads all tensors by name, in the order of their data.
   *
   * @param sourceName what messages call the file
   * @throws InputException if the file is damaged or has tensors of other types
   */
  public static Map<String, Tensor> read(InputStream in, String sourceName) throws IOException {
    return read(in, sourceName, SafetensorsHeader.read(in, sourceName));
  }

  /**
   * Reads all tensors of a model by name.
   *
   * @throws InputException if the file is damaged, or has numbers that are not finite
   */
  public static Map<String, Tensor> readFinite(InputStream in, String sourceName)
      throws IOException {
    Map<String, Tensor> tensors = read(in, sourceName);
    tensors.forEach(
        (name, tensor) -> {
          float[] values = tensor.values();
          requireFinite(name, values, 0, values.length, sourceName);
        });
    return tensors;
  }

  /** Refuses what no training leaves: an answer made of it would look like any other. */
  private static void requireFinite(
      String tensor, float[] values, int offset, int size, String sourceName) {
    for (int i = 0; i < size; i++) {
      if (!Float.isFinite(values[offset + i])) {
        throw new InputException(
            ("%s is damaged: element %d of tensor %s is %s, which is no parameter. Restore it"
                    + " from a copy or train again.")
                .formatted(sourceName, i, tensor, values[offset + i]));
      }
    }
  }

  /** Reads all tensors behind a header. */
  static Map<String, Tensor> read(InputStream in, String sourceName, SafetensorsHeader header)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Data data = new Data(in, sourceName);
    for (SafetensorsHeader.Entry entry : header.entries()) {
      float[] values = new float[entry.size()];
      data.read(entry, values, 0);
      tensors.put(entry.name(), new Tensor(entry.shape(), values));
    }
    data.requireEnd();
    return tensors;
  }

  private static void requireSame(
      SafetensorsHeader header, ParamLayout expected, String sourceName) {
    TreeSet<String> missing = new TreeSet<>();
    expected.params().forEach(param -> missing.add(param.name()));
    TreeSet<String> unknown = new TreeSet<>();
    for (SafetensorsHeader.Entry entry : header.entries()) {
      if (!missing.remove(entry.name())) {
        unknown.add(entry.name());
        continue;
      }
      Param param = expected.get(entry.name());
      if (!param.shape().equals(entry.shape())) {
        throw new InputException(
            "%s: tensor %s has the shape %s, but the model needs %s"
                .formatted(sourceName, param.name(), entry.shape(), param.shape()));
      }
    }
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new InputException(
          "%s does not belong to this model: missing are %s, unknown are %s"
              .formatted(sourceName, missing, unknown));
    }
  }

  static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes behind the header. They are read once from front to back through one buffer. */
  private static final class Data {
    private final InputStream in;
    private final String sourceName;
    private final ByteBuffer buffer = littleEndian(new byte[BUFFER_BYTES]);

    Data(InputStream in, String sourceName) {
      this.in = in;
      this.sourceName = sourceName;
    }

    void read(SafetensorsHeader.Entry entry, float[] values, int offset) throws IOException {
      int chunk = BUFFER_BYTES / entry.type().bytes;
      int count;
      for (int done = 0; done < entry.size(); done += count) {
        count = Math.min(chunk, entry.size() - done);
        int bytes = count * entry.type().bytes;
        int got = in.readNBytes(buffer.array(), 0, bytes);
        if (got < bytes) {
          throw new InputException(
              "%s is cut off inside tensor %s: was it copied completely?"
                  .formatted(sourceName, entry.name()),
              new EOFException());
        }
        entry.type().decode(buffer, values, offset + done, count);
      }
    }

    void requireEnd() throws IOException {
      if (in.read() >= 0) {
        throw new InputException(sourceName + " has bytes behind the data of its last tensor");
      }
    }
  }
}
