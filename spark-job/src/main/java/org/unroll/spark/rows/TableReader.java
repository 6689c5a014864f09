// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.store.HadoopFiles;

/** Opens the rows of files chunk by chunk, on the driver or on any executor. */
@DefaultSerializer(JavaSerializer.class)
final class TableReader implements Serializable {
  /** Bytes of a plain file that are read in one go. */
  static final long CHUNK_BYTES = 8L << 20;

  private static final long serialVersionUID = 1L;

  private final SequenceFormat format;
  private final ChunkTable table;
  private final ChunkFiles files;
  private final List<String> columns;
  private final boolean header;
  private final boolean namesChecked;

  private TableReader(
      SequenceFormat format,
      ChunkTable table,
      ChunkFiles files,
      List<String> columns,
      boolean header,
      boolean namesChecked) {
    this.format = format;
    this.table = table;
    this.files = files;
    this.columns = List.copyOf(columns);
    this.header = header;
    this.namesChecked = namesChecked;
  }

  /**
   * Finds out the columns, on the driver.
   *
   * @param inputs what was listed
   * @param chunkBytes of a plain file that are read in one go
   * @throws InputException if nothing tells the columns
   */
  static TableReader of(
      RowsInput spec,
      SequenceFormat format,
      List<InputFile> inputs,
      long chunkBytes,
      Configuration conf) {
    ChunkTable table = new ChunkTable(inputs, chunkBytes, format == SequenceFormat.CSV);
    ChunkFiles files = new ChunkFiles(conf);
    TableHead head = new TableHead(spec, format, table, files);
    List<String> columns = head.columns();
    boolean named = spec.header() && spec.columns().isEmpty();
    return new TableReader(format, table, files, columns, spec.header(), named);
  }

  /** Returns a reader of the wanted columns alone, where a format has them by their names. */
  TableReader select(List<String> fields) {
    return format == SequenceFormat.JSONL || format == SequenceFormat.PARQUET
        ? new TableReader(format, table, files, fields, false, false)
        : this;
  }

  SequenceFormat format() {
    return format;
  }

  /** Names of a row's values. */
  List<String> columns() {
    return columns;
  }

  ChunkTable table() {
    return table;
  }

  /**
   * The rows that begin in a chunk.
   *
   * @throws InputException if the file is gone, not readable, or not what was listed
   */
  RowReader open(int index) throws IOException {
    Chunk chunk = table.chunk(index);
    try {
      return switch (format) {
        case TEXT -> new LineRows(from(chunk), end(chunk), TableParsers::text);
        case TSV -> new LineRows(tsv(chunk), end(chunk), TableParsers.tabs(columns.size()));
        case CSV -> csv(chunk);
        case JSONL -> new LineRows(from(chunk), end(chunk), TableParsers.json(columns));
        case CONLL, CONLLU ->
            new SentenceRows(
                from(chunk),
                chunk.start(),
                end(chunk),
                columns.size(),
                format == SequenceFormat.CONLLU);
        case TS -> new LineRows(from(chunk), end(chunk), SeriesParsers.ts(header(chunk)));
        case UCR -> new LineRows(from(chunk), end(chunk), SeriesParsers::ucr);
        case PARQUET -> new ParquetRows(files, chunk, columns);
      };
    } catch (BadRowException e) {
      throw new BadRow(new RowKey(0, e.position()), e.getMessage())
          .exception(where(table.fileOf(index), e.position()));
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  /** A chunk's end in its file's text, which is not known where that is compressed. */
  private static long end(Chunk chunk) {
    return chunk.packed() ? Long.MAX_VALUE : chunk.end();
  }

  /** The lines of a file from the first that begins in a chunk. */
  private Lines from(Chunk chunk) throws IOException {
    if (chunk.start() == 0) {
      return new Lines(files.text(chunk, 0), 0);
    }
    Lines lines = new Lines(files.text(chunk, chunk.start() - 1), chunk.start() - 1);
    lines.advance();
    return lines;
  }

  private Lines tsv(Chunk chunk) throws IOException, BadRowException {
    Lines lines = from(chunk);
    if (header && chunk.start() == 0 && lines.advance()) {
      requireHeader(chunk, TableParsers.tabs(lines.text()));
    }
    return lines;
  }

  private RowReader csv(Chunk chunk) throws IOException, BadRowException {
    CsvRows rows = new CsvRows(from(chunk), columns.size());
    if (header) {
      requireHeader(chunk, rows.nextFields());
    }
    return rows;
  }

  private void requireHeader(Chunk chunk, String[] names) {
    if (namesChecked && names != null && !List.of(names).equals(columns)) {
      throw new InputException(
          "The input file "
              + name(chunk)
              + " has the columns "
              + String.join(", ", names)
              + " in its header, but the first file has "
              + String.join(", ", columns)
              + ". Read files of different columns apart.");
    }
  }

  private TsHeader header(Chunk chunk) throws IOException, BadRowException {
    try (Lines lines = new Lines(files.text(chunk, 0), 0)) {
      return TsHeader.read(lines, name(chunk));
    }
  }

  /** The file and line of a row, as messages name them. Reads the file up to there. */
  String where(int file, long position) {
    Chunk chunk = table.chunk(table.firstChunk(file));
    if (format == SequenceFormat.PARQUET) {
      return "row " + (position + 1) + " of " + name(chunk);
    }
    try {
      return "line " + files.lineAt(chunk, position) + " of " + name(chunk);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(Chunk chunk) {
    return HadoopFiles.show(new Path(chunk.path()));
  }
}
