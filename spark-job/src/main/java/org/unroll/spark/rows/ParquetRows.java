// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.store.HadoopFiles;

/**
 * The rows of the row groups whose middle lies in a part of a Parquet file, with the columns that
 * are wanted; no other column is looked at. A row's position is its number in the file.
 */
final class ParquetRows implements RowReader {
  private final Chunk chunk;
  private final ParquetFileReader reader;
  private final List<BlockMetaData> groups;
  private final MessageColumnIO columns;
  private final ParquetValues values;
  private RecordReader<Object[]> records;
  private int group;
  private long left;
  private long row;
  private final MessageDigest digest;
  private long bytes;

  /**
   * Opens a part.
   *
   * @param digest sees the values that are read, as text; null for none
   * @throws InputException if the file is not Parquet, or lacks a column or has it in a form that
   *     is none of a row's
   */
  ParquetRows(ChunkFiles files, Chunk chunk, List<String> wanted, MessageDigest digest)
      throws IOException {
    this.chunk = chunk;
    this.digest = digest;
    this.reader = open(files, chunk);
    try {
      MessageType all = reader.getFileMetaData().getSchema();
      MessageType some = projection(all, wanted);
      reader.setRequestedSchema(some);
      this.groups = reader.getRowGroups();
      this.columns = new ColumnIOFactory().getColumnIO(some, all);
      this.values = new ParquetValues(some, wanted);
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** Returns the names of a file's columns, but for those whose values can be none of a row. */
  static List<String> names(ChunkFiles files, Chunk chunk) throws IOException {
    try (ParquetFileReader reader = open(files, chunk)) {
      return names(reader.getFileMetaData().getSchema());
    }
  }

  private static List<String> names(MessageType schema) {
    return schema.getFields().stream().filter(ParquetValues::canRead).map(Type::getName).toList();
  }

  private static ParquetFileReader open(ChunkFiles files, Chunk chunk) throws IOException {
    files.requireUnchanged(chunk);
    try {
      return ParquetFileReader.open(
          new Input(files, new Path(chunk.path()), chunk.fileBytes()),
          ParquetReadOptions.builder().build());
    } catch (RuntimeException e) {
      throw new InputException(
          ("The input file %s is no Parquet file, or is damaged: %s. If it is of another "
                  + "format, name that with --format.")
              .formatted(InputProblems.name(chunk), HadoopFiles.reason(e)),
          e);
    }
  }

  private MessageType projection(MessageType all, List<String> wanted) {
    List<Type> types = new ArrayList<>();
    for (String column : wanted) {
      if (!all.containsField(column)) {
        throw InputProblems.missingColumn(chunk, column, names(all));
      }
      Type type = all.getType(column);
      if (!ParquetValues.canRead(type)) {
        throw new InputException(
            ("The column '%s' of the input file %s is nested; a column of text, numbers, or "
                    + "lists of them is needed.")
                .formatted(column, InputProblems.name(chunk)));
      }
      types.add(type);
    }
    return new MessageType(all.getName(), types);
  }

  @Override
  public RawRow next() throws IOException {
    try {
      while (left == 0) {
        if (group == groups.size()) {
          return null;
        }
        advance();
      }
      left--;
      Object[] read = records.read();
      if (digest != null) {
        digest(read);
      }
      return new RawRow(row++, read);
    } catch (RuntimeException e) {
      throw new InputException(
          "The input file %s is damaged: %s."
              .formatted(InputProblems.name(chunk), HadoopFiles.reason(e)),
          e);
    }
  }

  private void digest(Object[] read) {
    for (Object value : read) {
      if (value != null) {
        byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
        digest.update(text);
        bytes += text.length;
      }
      digest.update((byte) 0);
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public long invalidBytes() {
    return 0;
  }

  /** Goes to the next row group, whose rows are read if it belongs to the part. */
  private void advance() throws IOException {
    BlockMetaData next = groups.get(group++);
    long middle = next.getStartingPos() + next.getCompressedSize() / 2;
    if (middle < chunk.start() || middle >= chunk.end()) {
      reader.skipNextRowGroup();
      row += next.getRowCount();
      return;
    }
    PageReadStore pages = reader.readNextRowGroup();
    left = pages.getRowCount();
    records = columns.getRecordReader(pages, values);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** A file as the Parquet library opens it. */
  private record Input(ChunkFiles files, Path path, long getLength) implements InputFile {
    @Override
    public SeekableInputStream newStream() throws IOException {
      return HadoopStreams.wrap(HadoopFiles.fileSystem(path, files.conf()).open(path));
    }
  }
}
