// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * A file of events as TensorBoard reads them: records of TensorFlow's kind, each a message {@code
 * Event} of Protocol Buffers ({@code tensorflow/core/util/event.proto}). It grows while it is
 * written, where its file system lets readers see that.
 */
public final class TensorBoardFile implements AutoCloseable {
  // The fields of the messages, of which only those are here that are written.
  private static final int EVENT_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION = 7;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_TENSOR = 8;
  private static final int VALUE_METADATA = 9;
  private static final int METADATA_PLUGIN = 1;
  private static final int PLUGIN_NAME = 1;
  private static final int TENSOR_TYPE = 1;
  private static final int TENSOR_SHAPE = 2;
  private static final int TENSOR_STRING = 8;
  private static final int SHAPE_DIMENSION = 2;
  private static final int DIMENSION_SIZE = 1;
  private static final int TYPE_STRING = 7;

  private static final String VERSION = "brain.Event:2";
  private static final int CRC_ROTATION = 15;
  private static final int CRC_MASK = 0xa282ead8;

  private final Path file;
  private final FSDataOutputStream out;
  private final boolean flushes;

  /** Writes the fields of a message. */
  @FunctionalInterface
  private interface Fields {
    void to(CodedOutputStream message) throws IOException;
  }

  private TensorBoardFile(Path file, FSDataOutputStream out) {
    this.file = file;
    this.out = out;
    flushes = out.hasCapability(StreamCapabilities.HFLUSH);
  }

  /**
   * Begins a new file in a folder, behind those that are there by its name.
   *
   * @param folder on any Hadoop file system
   * @param firstStep of the run: TensorBoard shows none of older files from there on
   * @throws UncheckedIOException if it cannot be written
   */
  public static TensorBoardFile begin(String folder, long firstStep) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    long now = System.currentTimeMillis();
    // Readers want this beginning, and take the files of a folder in the order of their names.
    String name =
        String.format(Locale.ROOT, "events.out.tfevents.%010d.%03d.unroll", now / 1000, now % 1000);
    Path path = new Path(place.path(), name);
    try {
      TensorBoardFile file = new TensorBoardFile(path, place.fs().create(path, false));
      file.add(0, event -> event.writeString(EVENT_VERSION, VERSION));
      file.add(
          firstStep,
          event ->
              write(
                  event,
                  EVENT_SESSION,
                  session -> session.writeEnum(SESSION_STATUS, SESSION_START)));
      return file;
    } catch (IOException | FSError e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(path), e);
    }
  }

  /**
   * Adds numbers.
   *
   * @param step that they are of
   * @param values by their tags
   * @throws UncheckedIOException if they cannot be written
   */
  public void scalars(long step, Map<String, Double> values) {
    write(
        step,
        summary -> {
          for (Map.Entry<String, Double> scalar : values.entrySet()) {
            write(
                summary,
                SUMMARY_VALUE,
                value -> {
                  value.writeString(VALUE_TAG, scalar.getKey());
                  value.writeFloat(VALUE_SIMPLE, scalar.getValue().floatValue());
                });
          }
        });
  }

  /**
   * Adds a text, which TensorBoard reads as Markdown.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void text(long step, String tag, String text) {
    write(
        step,
        summary ->
            write(
                summary,
                SUMMARY_VALUE,
                value -> {
                  value.writeString(VALUE_TAG, tag);
                  write(value, VALUE_TENSOR, tensor -> tensor(tensor, text));
                  write(
                      value,
                      VALUE_METADATA,
                      metadata ->
                          write(
                              metadata,
                              METADATA_PLUGIN,
                              plugin -> plugin.writeString(PLUGIN_NAME, "text")));
                }));
  }

  private static void tensor(CodedOutputStream tensor, String text) throws IOException {
    tensor.writeEnum(TENSOR_TYPE, TYPE_STRING);
    write(
        tensor,
        TENSOR_SHAPE,
        shape ->
            write(shape, SHAPE_DIMENSION, dimension -> dimension.writeInt64(DIMENSION_SIZE, 1)));
    tensor.writeByteArray(TENSOR_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  private void write(long step, Fields summary) {
    try {
      add(step, event -> write(event, EVENT_SUMMARY, summary));
    } catch (IOException | FSError e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(file), e);
    }
  }

  /** Writes a message that is a field of another. */
  private static void write(CodedOutputStream message, int field, Fields fields)
      throws IOException {
    message.writeByteArray(field, message(fields));
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(bytes);
    fields.to(message);
    message.flush();
    return bytes.toByteArray();
  }

  /** Writes a record: its length, its bytes, and a checksum of each. */
  private void add(long step, Fields what) throws IOException {
    byte[] event =
        message(
            fields -> {
              fields.writeDouble(EVENT_TIME, System.currentTimeMillis() / 1000.0);
              fields.writeInt64(EVENT_STEP, step);
              what.to(fields);
            });
    byte[] length =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(event.length)
            .array();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + event.length + 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.put(length).putInt(checksum(length)).put(event).putInt(checksum(event));
    out.write(record.array());
  }

  /** Returns the checksum CRC-32C, masked so that one of bytes with checksums in them differs. */
  private static int checksum(byte... bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return Integer.rotateRight((int) crc.getValue(), CRC_ROTATION) + CRC_MASK;
  }

  /**
   * Has readers see all that was added, where the file system can do that.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void flush() {
    try {
      if (flushes) {
        out.hflush();
      } else {
        out.flush();
      }
    } catch (IOException | FSError e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(file), e);
    }
  }

  /**
   * Ends the file.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException | FSError e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(file), e);
    }
  }
}
