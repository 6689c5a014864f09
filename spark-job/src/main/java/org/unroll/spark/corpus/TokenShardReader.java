// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.VersionParser;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.filter2.columnindex.RowRanges;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.HadoopFiles;

/**
 * Reads tokens from any place of one shard of a prepared corpus: of the file's footer, which a
 * process reads once, and of the pages that hold them.
 */
final class TokenShardReader implements Closeable {
  private static final Footers FOOTERS = new Footers();

  private final Path path;
  private final long first;
  private final ParquetFileReader parquet;
  private final VersionParser.ParsedVersion writer;
  private final ColumnDescriptor tokens;

  /**
   * Opens a shard.
   *
   * @param bytes that the file had when it was written
   * @param first corpus position of its first token
   * @throws InputException if the file is gone, or is not what was prepared
   * @throws IOException if another attempt may succeed
   */
  TokenShardReader(String file, long bytes, long first, Configuration conf) throws IOException {
    this.path = new Path(file);
    this.first = first;
    try {
      FileStatus status = HadoopFiles.fileSystem(path, conf).getFileStatus(path);
      if (status.getLen() != bytes) {
        throw problem("has " + status.getLen() + " bytes where " + bytes + " were written");
      }
      ParquetReadOptions options =
          HadoopReadOptions.builder(conf, path).usePageChecksumVerification(true).build();
      HadoopInputFile input = HadoopInputFile.fromStatus(status, conf);
      ParquetMetadata footer = FOOTERS.get(input, status.getModificationTime(), options);
      writer = VersionParser.parse(footer.getFileMetaData().getCreatedBy());
      tokens = tokens(footer);
      // The methods that would be shorter are not in the Parquet of Spark 4.0.
      parquet = new ParquetFileReader(conf, path, footer, options, input.newStream());
      MessageType schema = footer.getFileMetaData().getSchema();
      parquet.setRequestedSchema(
          new MessageType(schema.getName(), schema.getType(TokenShardWriter.IDS)));
    } catch (IOException e) {
      throw reading(e);
    } catch (VersionParser.VersionParseException | RuntimeException e) {
      throw damaged(e);
    }
  }

  private ColumnDescriptor tokens(ParquetMetadata footer) {
    return footer.getFileMetaData().getSchema().getColumns().stream()
        .filter(column -> column.getPath()[0].equals(TokenShardWriter.IDS))
        .findFirst()
        .orElseThrow(() -> problem("has no column " + TokenShardWriter.IDS));
  }

  /**
   * Reads the ids of the tokens {@code [from, from + count)} of this shard.
   *
   * @param into gets them, from {@code offset} on
   */
  void read(long from, int count, int[] into, int offset) throws IOException {
    try {
      for (int filled = 0; filled < count; ) {
        long row = (from + filled) / TokenShardWriter.ROW_TOKENS;
        int skip = (int) ((from + filled) % TokenShardWriter.ROW_TOKENS);
        int some = Math.min(count - filled, TokenShardWriter.ROW_TOKENS - skip);
        readRow(row, skip, some, into, offset + filled);
        filled += some;
      }
    } catch (IOException e) {
      throw reading(e);
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private void readRow(long row, int skip, int count, int[] into, int offset) throws IOException {
    List<BlockMetaData> groups = parquet.getRowGroups();
    int group = 0;
    long groupsFirst = 0;
    while (group < groups.size() && row >= groupsFirst + groups.get(group).getRowCount()) {
      groupsFirst += groups.get(group++).getRowCount();
    }
    if (group == groups.size()) {
      throw problem("has " + groupsFirst + " rows, but row " + row + " is needed");
    }
    BlockMetaData meta = groups.get(group);
    requirePosition(meta, first + groupsFirst * TokenShardWriter.ROW_TOKENS);
    ColumnPath wanted = ColumnPath.get(tokens.getPath());
    OffsetIndex pages = parquet.readOffsetIndex(chunk(meta, wanted));
    int page = 0;
    while (pages.getLastRowIndex(page, meta.getRowCount()) < row - groupsFirst) {
      page++;
    }
    RowRanges rows = RowRanges.create(meta.getRowCount(), IntStream.of(page).iterator(), pages);
    long before = row - groupsFirst - pages.getFirstRowIndex(page);
    try (PageReadStore store = parquet.readFilteredRowGroup(group, rows)) {
      copy(store, before, skip, count, into, offset);
    }
  }

  private ColumnChunkMetaData chunk(BlockMetaData group, ColumnPath column) {
    return group.getColumns().stream()
        .filter(chunk -> chunk.getPath().equals(column))
        .findFirst()
        .orElseThrow(() -> problem("has no column " + column));
  }

  /** Checks where in the corpus a row group stands, which its smallest position tells. */
  private void requirePosition(BlockMetaData group, long expected) {
    Comparable<?> least =
        chunk(group, ColumnPath.get(TokenShardWriter.FIRST)).getStatistics().genericGetMin();
    if (least instanceof Long position && position != expected) {
      throw problem(
          "has the tokens from " + position + " on where those from " + expected + " belong");
    }
  }

  /**
   * Copies a part of a row.
   *
   * @param rows that come before it in these pages
   * @param skip tokens of the row before the part
   */
  private void copy(PageReadStore pages, long rows, int skip, int count, int[] into, int offset) {
    ColumnReaderImpl column =
        new ColumnReaderImpl(
            tokens, pages.getPageReader(tokens), new PrimitiveConverter() {}, writer);
    for (long row = 0; row < rows; row++) {
      do {
        next(column);
      } while (column.getCurrentRepetitionLevel() > 0);
    }
    for (int i = 0; i < skip; i++) {
      next(column);
    }
    for (int i = 0; i < count; i++) {
      boolean rowGoesOn = i + skip == 0 || column.getCurrentRepetitionLevel() > 0;
      if (!rowGoesOn || column.getCurrentDefinitionLevel() < tokens.getMaxDefinitionLevel()) {
        throw problem("has a row of " + (skip + i) + " tokens where more belong");
      }
      into[offset + i] = column.getInteger();
      column.consume();
    }
  }

  private static void next(ColumnReaderImpl column) {
    column.skip();
    column.consume();
  }

  private IOException reading(IOException e) {
    if (HadoopFiles.isDamage(e)) {
      throw damaged(e);
    }
    if (HadoopFiles.isPermanent(e)) {
      throw new InputException(
          ("The shard %s of the prepared corpus cannot be read: %s. Check that it is"
                  + " there and that the account of the Spark executors may read it.")
              .formatted(HadoopFiles.show(path), HadoopFiles.reason(e)),
          e);
    }
    return e;
  }

  private InputException damaged(Exception e) {
    return e instanceof InputException problem ? problem : ShardFile.damaged(path, e);
  }

  private InputException problem(String what) {
    return ShardFile.problem(path, what, null);
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }

  /** The footers that a process used last: places that are near each other share a file. */
  private static final class Footers {
    private static final int CAPACITY = 64;

    private record Key(String path, long bytes, long modified) {}

    private final Map<Key, ParquetMetadata> footers =
        Collections.synchronizedMap(
            new LinkedHashMap<>(CAPACITY, 0.75f, true) {
              private static final long serialVersionUID = 1L;

              @Override
              protected boolean removeEldestEntry(Map.Entry<Key, ParquetMetadata> eldest) {
                return size() > CAPACITY;
              }
            });

    /** Returns the footer of a file that was last changed then, read if it is not here. */
    ParquetMetadata get(HadoopInputFile file, long modified, ParquetReadOptions options)
        throws IOException {
      Key key = new Key(file.toString(), file.getLength(), modified);
      ParquetMetadata footer = footers.get(key);
      if (footer == null) {
        try (SeekableInputStream in = file.newStream()) {
          footer = ParquetFileReader.readFooter(file, options, in);
        }
        footers.put(key, footer);
      }
      return footer;
    }
  }
}
