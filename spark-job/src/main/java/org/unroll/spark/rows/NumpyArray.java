// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.store.HadoopFiles;

/**
 * Reads the numbers of a row from a file of NumPy ({@code .npy}): of shape {@code [width]} one
 * step, of {@code [steps, width]} as many, of {@code [rows, columns, width]} the regions of a
 * picture, row by row.
 */
final class NumpyArray {
  private static final String ENDING = ".npy";
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MOST_HEADER = 1 << 16;
  private static final int MOST_NUMBERS = 1 << 27;
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \\(([\\d, ]*)\\),? *\\}\\s*");

  private NumpyArray() {}

  /** Returns whether a value names such a file. */
  static boolean isNamed(Object value) {
    return value instanceof String text && text.strip().endsWith(ENDING);
  }

  /**
   * Returns the numbers of a file.
   *
   * @param rows path of the file that names it, from whose folder the name counts
   * @throws BadRowException if it is not there, or none that can be read
   */
  static Frames read(String rows, String name) throws BadRowException {
    try {
      return HadoopFiles.read(HadoopFiles.sibling(rows, name), "array of NumPy", NumpyArray::read);
    } catch (InputException e) {
      throw new BadRowException("its features: " + e.getMessage().replaceFirst("\\.$", ""));
    }
  }

  private static Frames read(InputStream stream, String name) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    if (!ByteBuffer.wrap(in.readNBytes(MAGIC.length)).equals(ByteBuffer.wrap(MAGIC))) {
      throw refused(name, "does not begin as files of numpy.save do");
    }
    int version = in.readUnsignedByte();
    in.readUnsignedByte();
    int length =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.reverseBytes(in.readInt());
    if (length < 0 || length > MOST_HEADER) {
      throw refused(name, "has a header of " + length + " bytes");
    }
    String header = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    Matcher told = HEADER.matcher(header);
    if (!told.matches() || told.group(2).equals("True")) {
      throw refused(name, "has no header of an array in the order of C: " + header.strip());
    }
    int[] shape = shape(told.group(3), name);
    int expected = shape[0] * shape[1] * size(told.group(1), name);
    byte[] bytes = in.readNBytes(expected);
    if (bytes.length < expected) {
      throw refused(name, "ends before its last number");
    }
    float[] values = new float[shape[0] * shape[1]];
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      values[i] = number(data, told.group(1));
    }
    return new Frames(values, shape[1]);
  }

  /** Returns steps and width. */
  private static int[] shape(String text, String name) {
    long[] sizes =
        Stream.of(text.split("[, ]+"))
            .filter(size -> !size.isEmpty())
            .mapToLong(size -> size.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(size))
            .toArray();
    long width = sizes.length == 0 ? 0 : sizes[sizes.length - 1];
    long steps = 1;
    for (int i = 0; i < sizes.length - 1; i++) {
      steps = Math.min(MOST_NUMBERS, steps * sizes[i]);
    }
    if (sizes.length > 3 || width == 0 || steps * width > MOST_NUMBERS) {
      throw refused(
          name,
          "has the shape (%s), but it must be [width], [regions, width] or [rows, columns, width]"
              .formatted(text));
    }
    return new int[] {(int) steps, (int) width};
  }

  private static int size(String type, String name) {
    return switch (type) {
      case "|u1" -> Byte.BYTES;
      case "<f4", "<i4" -> Float.BYTES;
      case "<f8", "<i8" -> Double.BYTES;
      default ->
          throw refused(
              name, "has numbers of type '" + type + "': convert it with array.astype('float32')");
    };
  }

  private static float number(ByteBuffer data, String type) {
    return switch (type) {
      case "|u1" -> Byte.toUnsignedInt(data.get());
      case "<f4" -> data.getFloat();
      case "<i4" -> data.getInt();
      case "<f8" -> (float) data.getDouble();
      default -> data.getLong();
    };
  }

  private static InputException refused(String name, String why) {
    return new InputException("The array of NumPy " + name + " " + why);
  }
}
