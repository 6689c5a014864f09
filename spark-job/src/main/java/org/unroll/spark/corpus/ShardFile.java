// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.function.FailableSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.HadoopFiles;

/**
 * A shard file is a Parquet file of a prepared corpus while it is written: it appears whole or not
 * at all, and equal rows give equal bytes, whoever writes them and whenever.
 *
 * @param <T> a row
 */
final class ShardFile<T> implements Closeable {
  private static final long ROW_GROUP_BYTES = 8L << 20;
  private static final String ZSTD_LEVEL = "parquet.compression.codec.zstd.level";

  private final FileSystem fs;
  private final Path file;
  private final Path temporary;
  private final Output output;
  private final ParquetWriter<T> writer;
  private boolean finished;

  /**
   * Begins a file.
   *
   * @param file its final path; until {@link #finish} it has another name
   * @param kind of rows, as the file names it
   * @param rowsPerGroup the most rows of a row group, where Parquet can limit them
   * @param rowsPerPage the most rows of a page, the least that a reader with page indexes reads
   */
  ShardFile(
      Path file,
      Configuration conf,
      String kind,
      List<ShardColumn<T>> columns,
      int rowsPerGroup,
      int rowsPerPage)
      throws IOException {
    this.fs = HadoopFiles.fileSystem(file, conf);
    this.file = file;
    this.temporary = AtomicFiles.temporarySibling(file);
    this.output = new Output(fs, temporary);
    Builder<T> builder =
        new Builder<>(output, new Rows<>(kind, columns))
            .withConf(settings())
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withPageRowCountLimit(rowsPerPage)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withMinRowCountForPageSizeCheck(1);
    limitRows(builder, rowsPerGroup);
    columns.forEach(column -> builder.withDictionaryEncoding(column.path(), column.repeats()));
    this.writer = writing(builder::build);
  }

  /** The Parquet of Spark 4.0 has no such limit: there row groups end at their bytes alone. */
  private static void limitRows(Builder<?> builder, int rowsPerGroup) {
    try {
      builder.withRowGroupRowCountLimit(rowsPerGroup);
    } catch (NoSuchMethodError e) {
      // The rows are the same.
    }
  }

  private <V> V writing(FailableSupplier<V, IOException> action) {
    try {
      return action.get();
    } catch (IOException | FSError e) {
      throw HadoopFiles.unwritten("The shard " + HadoopFiles.show(file), e);
    }
  }

  /** Returns the settings of files, in which nothing of the cluster's own may change the bytes. */
  private static Configuration settings() {
    Configuration settings = new Configuration(false);
    settings.setInt(ZSTD_LEVEL, 1);
    return settings;
  }

  /** Appends a row. */
  void write(T row) {
    writing(
        () -> {
          writer.write(row);
          return null;
        });
  }

  /**
   * Puts the file in its place, over the same file of an attempt before, and returns its length.
   */
  long finish() {
    return writing(
        () -> {
          output.stream.hold();
          writer.close();
          finished = true;
          long bytes = fs.getFileStatus(temporary).getLen();
          AtomicFiles.move(fs, temporary, file);
          return bytes;
        });
  }

  /** Removes a file that has not been finished. */
  @Override
  public void close() throws IOException {
    if (!finished) {
      finished = true;
      try {
        writer.close();
      } finally {
        fs.delete(temporary, false);
      }
    }
  }

  /** Says that a shard cannot be decoded: Parquet has many ways to say so itself. */
  static InputException damaged(Path file, Exception e) {
    return problem(file, "cannot be decoded (" + HadoopFiles.reason(e) + ")", e);
  }

  /** Says that a shard is not what was written. */
  static InputException problem(Path file, String what, Exception cause) {
    return new InputException(
        ("The shard %s of the prepared corpus %s. It was damaged or changed since it"
                + " was prepared: restore it from a copy, or prepare the text again.")
            .formatted(HadoopFiles.show(file), what),
        cause);
  }

  /** Hands rows to Parquet, column by column. */
  private static final class Rows<T> extends WriteSupport<T> {
    private final String kind;
    private final List<ShardColumn<T>> columns;
    private RecordConsumer out;

    Rows(String kind, List<ShardColumn<T>> columns) {
      this.kind = kind;
      this.columns = columns;
    }

    @Override
    public WriteContext init(Configuration conf) {
      List<Type> types = columns.stream().map(ShardColumn::type).toList();
      return new WriteContext(new MessageType(kind, types), Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(T row) {
      out.startMessage();
      for (int field = 0; field < columns.size(); field++) {
        columns.get(field).write(out, field, row);
      }
      out.endMessage();
    }
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final WriteSupport<T> rows;

    Builder(OutputFile file, WriteSupport<T> rows) {
      super(file);
      this.rows = rows;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(Configuration conf) {
      return rows;
    }
  }

  /** Parquet's own would leave checksum files beside local ones. */
  private static final class Output implements OutputFile {
    private final FileSystem fs;
    private final Path path;
    private FooterStream stream;

    Output(FileSystem fs, Path path) {
      this.fs = fs;
      this.path = path;
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) throws IOException {
      stream = new FooterStream(HadoopStreams.wrap(fs.create(path, false)));
      return stream;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
      return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  /**
   * Writes a Parquet file whose footer is the same whichever process writes it. Parquet lists the
   * encodings of a column in the order of a hash set of enum constants, which each JVM has its own
   * of; here they are put in order.
   */
  private static final class FooterStream extends PositionOutputStream {
    /** The end stands behind the footer: its length and the magic number. */
    private static final int TRAILER = 2 * Integer.BYTES;

    private final PositionOutputStream out;
    private ByteArrayOutputStream held;

    FooterStream(PositionOutputStream out) {
      this.out = out;
    }

    /** Keeps back what is written from now on, the end of the file with the footer. */
    void hold() {
      held = new ByteArrayOutputStream();
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos() + (held == null ? 0 : held.size());
    }

    @Override
    public void write(int b) throws IOException {
      if (held == null) {
        out.write(b);
      } else {
        held.write(b);
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (held == null) {
        out.write(bytes, offset, length);
      } else {
        held.write(bytes, offset, length);
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      try (out) {
        if (held != null) {
          byte[] end = held.toByteArray();
          held = null;
          writeInOrder(end);
        }
      }
    }

    private void writeInOrder(byte[] end) throws IOException {
      ByteBuffer trailer =
          ByteBuffer.wrap(end, end.length - TRAILER, TRAILER).order(ByteOrder.LITTLE_ENDIAN);
      int length = trailer.getInt();
      int magic = trailer.getInt();
      int start = end.length - TRAILER - length;
      FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(end, start, length));
      footer
          .getRow_groups()
          .forEach(group -> group.getColumns().forEach(column -> sort(column.getMeta_data())));
      ByteArrayOutputStream sorted = new ByteArrayOutputStream();
      Util.writeFileMetaData(footer, sorted);
      out.write(end, 0, start);
      sorted.writeTo(out);
      ByteBuffer last = ByteBuffer.allocate(TRAILER).order(ByteOrder.LITTLE_ENDIAN);
      out.write(last.putInt(sorted.size()).putInt(magic).array());
    }

    private static void sort(ColumnMetaData column) {
      column.getEncodings().sort(Comparator.comparing(Encoding::getValue));
      if (column.getEncoding_stats() != null) {
        column
            .getEncoding_stats()
            .sort(
                Comparator.comparing((PageEncodingStats stats) -> stats.getPage_type().getValue())
                    .thenComparing(stats -> stats.getEncoding().getValue()));
      }
    }
  }
}
