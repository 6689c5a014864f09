// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
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
 * Rows of the row groups whose middle lies in a part of a Parquet file. Columns are text or
 * numbers, not nested.
 */
final class ParquetTableRows extends Rows {
  private final Chunk chunk;
  private final List<String> wanted;
  private final MessageDigest digest;
  private final ParquetFileReader reader;
  private final MessageColumnIO columns;
  private RecordReader<Group> records;
  private long left;
  private long rowsBefore;
  private long bytes;
  private Group row;

  ParquetTableRows(ChunkFiles files, Chunk chunk, List<String> wanted, MessageDigest digest)
      throws IOException {
    this.chunk = chunk;
    this.wanted = wanted;
    this.digest = digest;
    this.reader = open(files, chunk);
    try {
      MessageType all = reader.getFileMetaData().getSchema();
      MessageType some = projection(all);
      reader.setRequestedSchema(some);
      this.columns = new ColumnIOFactory().getColumnIO(some, all);
      for (BlockMetaData block : allBlocks(files)) {
        if (block.getStartingPos() + block.getCompressedSize() / 2 < chunk.start()) {
          rowsBefore += block.getRowCount();
        }
      }
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  private static ParquetFileReader open(ChunkFiles files, Chunk chunk) throws IOException {
    ParquetReadOptions part =
        ParquetReadOptions.builder().withRange(chunk.start(), chunk.end()).build();
    return open(files, chunk, part);
  }

  private static ParquetFileReader open(ChunkFiles files, Chunk chunk, ParquetReadOptions options)
      throws IOException {
    try {
      return ParquetFileReader.open(new Input(files, new Path(chunk.path())), options);
    } catch (RuntimeException e) {
      throw new InputException(
          "The input file "
              + InputProblems.name(chunk)
              + " is no Parquet file, or is damaged: "
              + HadoopFiles.reason(e)
              + ".",
          e);
    }
  }

  private List<BlockMetaData> allBlocks(ChunkFiles files) throws IOException {
    if (chunk.start() == 0) {
      return List.of();
    }
    try (ParquetFileReader all = open(files, chunk, ParquetReadOptions.builder().build())) {
      return all.getFooter().getBlocks();
    }
  }

  private MessageType projection(MessageType all) {
    List<Type> types = new ArrayList<>();
    for (String column : wanted) {
      if (!all.containsField(column)) {
        throw InputProblems.missingColumn(
            chunk, column, all.getFields().stream().map(Type::getName).toList());
      }
      Type type = all.getType(column);
      if (!type.isPrimitive() || type.isRepetition(Type.Repetition.REPEATED)) {
        throw new InputException(
            "The column '"
                + column
                + "' of the input file "
                + InputProblems.name(chunk)
                + " is nested; a column of text or numbers is needed.");
      }
      types.add(type);
    }
    return new MessageType(all.getName(), types);
  }

  @Override
  public boolean next() throws IOException {
    try {
      while (left == 0) {
        PageReadStore group = reader.readNextRowGroup();
        if (group == null) {
          return false;
        }
        left = group.getRowCount();
        records = columns.getRecordReader(group, new GroupRecordConverter(schema()));
      }
      row = records.read();
    } catch (RuntimeException e) {
      throw new InputException(
          "The input file "
              + InputProblems.name(chunk)
              + " is damaged: "
              + HadoopFiles.reason(e)
              + ".",
          e);
    }
    left--;
    rowsBefore++;
    for (int c = 0; c < wanted.size(); c++) {
      String value = value(c);
      if (value != null) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        digest.update(text);
        bytes += text.length;
      }
      digest.update((byte) 0);
    }
    return true;
  }

  private MessageType schema() {
    return columns.getType();
  }

  @Override
  public String value(int column) {
    String name = wanted.get(column);
    return row.getFieldRepetitionCount(name) == 0 ? null : row.getValueToString(fieldOf(name), 0);
  }

  private int fieldOf(String name) {
    return row.getType().getFieldIndex(name);
  }

  @Override
  public String place() {
    return "row " + rowsBefore;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public long invalidBytes() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private record Input(ChunkFiles files, Path path) implements InputFile {
    @Override
    public long getLength() throws IOException {
      FileStatus status = HadoopFiles.fileSystem(path, files.conf()).getFileStatus(path);
      return status.getLen();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      FSDataInputStream in = HadoopFiles.fileSystem(path, files.conf()).open(path);
      return HadoopStreams.wrap(in);
    }
  }
}
