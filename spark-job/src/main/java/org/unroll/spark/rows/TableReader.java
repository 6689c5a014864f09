// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.List;
import java.util.StringJoiner;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.LineRows.LineParser;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * Opens the rows of files of any format chunk by chunk, on the driver or on any executor.
 *
 * @param format of all files
 * @param table the chunks that can be opened
 * @param files access to the files
 * @param columns names of a row's values
 * @param header whether the first line of each file is no row
 * @param namesChecked whether that line must name these columns
 * @param onInvalid what becomes of bytes that are no UTF-8
 */
@DefaultSerializer(JavaSerializer.class)
record TableReader(
    RowFormat format,
    ChunkTable table,
    ChunkFiles files,
    List<String> columns,
    boolean header,
    boolean namesChecked,
    OnInvalid onInvalid)
    implements Serializable {
  /** The bytes of a plain file that are read in one go. */
  static final long CHUNK_BYTES = 8L << 20;

  TableReader {
    // A part of a list would not travel to executors.
    columns = List.copyOf(columns);
  }

  /**
   * Finds out the columns, on the driver.
   *
   * @param inputs what was listed
   * @param asked names of columns that were asked for
   * @param chunkBytes of a plain file that are read in one go
   * @throws InputException if nothing tells the columns
   */
  static TableReader of(
      RowsInput input,
      RowFormat format,
      List<InputFile> inputs,
      List<String> asked,
      long chunkBytes,
      Configuration conf) {
    boolean whole = format == RowFormat.CSV || format == RowFormat.FILE;
    ChunkTable table = new ChunkTable(inputs, chunkBytes, whole);
    ChunkFiles files = new ChunkFiles(conf);
    TableHead head = new TableHead(input, format, table, files, asked);
    return new TableReader(
        format,
        table,
        files,
        head.columns(),
        head.header(),
        head.header() && input.columns().isEmpty(),
        input.onInvalid());
  }

  /** Returns a reader of the wanted columns alone, where a format has them by their names. */
  TableReader select(List<String> fields) {
    return format == RowFormat.JSONL || format == RowFormat.PARQUET
        ? new TableReader(format, table, files, fields, false, false, onInvalid)
        : this;
  }

  /**
   * Opens the rows that begin in a chunk.
   *
   * @param digest sees what is read; null for none
   * @throws InputException if the file is gone, not readable, or not what was listed
   */
  RowReader open(int index, MessageDigest digest) throws IOException {
    Chunk chunk = table.chunk(index);
    try {
      return switch (format) {
        case TEXT -> new TextRows(lines(chunk, digest));
        case FILE -> new WholeText(lines(chunk, digest));
        case JSONL -> lineRows(chunk, digest, LineRows.json(columns));
        case TS -> lineRows(chunk, digest, LineRows.ts(tsHeader(chunk)));
        case UCR -> lineRows(chunk, digest, LineRows::ucr);
        case TSV -> tsv(chunk, digest);
        case CSV -> csv(chunk, digest);
        case CONLL, CONLLU -> sentences(chunk, digest);
        case PARQUET -> new ParquetRows(files, chunk, columns, digest);
      };
    } catch (BadRowException e) {
      RowKey key = new RowKey(table.fileOf(index), e.position());
      throw new BadRow(key, e.getMessage()).exception(where(key));
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  /** Opens the lines that begin in a chunk. */
  private Lines lines(Chunk chunk, MessageDigest digest) throws IOException {
    InputStream text = files.open(chunk);
    return new Lines(text, ChunkFiles.first(text), onInvalid, digest);
  }

  private RowReader lineRows(Chunk chunk, MessageDigest digest, LineParser parser)
      throws IOException {
    return new LineRows(lines(chunk, digest), false, parser);
  }

  private RowReader tsv(Chunk chunk, MessageDigest digest) throws IOException, BadRowException {
    Lines lines = lines(chunk, digest);
    if (header && chunk.start() == 0) {
      boolean more = lines.advance();
      while (more && lines.isBlank()) {
        more = lines.advance();
      }
      requireHeader(chunk, more ? LineRows.tabs(lines.text()) : null);
    }
    return new LineRows(lines, true, LineRows.tabs(columns.size()));
  }

  private RowReader csv(Chunk chunk, MessageDigest digest) throws IOException, BadRowException {
    CsvRows rows = new CsvRows(lines(chunk, digest), columns.size());
    if (header) {
      requireHeader(chunk, rows.nextFields());
    }
    return rows;
  }

  /**
   * Takes each line as a text, and an empty one as a gap: rows go by the numbers of their lines.
   */
  private static final class TextRows extends RowReader.OfLines {
    TextRows(Lines lines) {
      super(lines);
    }

    @Override
    public RawRow next() throws IOException, BadRowException {
      if (!lines.advance()) {
        return null;
      }
      try {
        Object[] text = lines.isBlank() ? null : new Object[] {lines.text()};
        return new RawRow(lines.position(), text);
      } catch (BadRowException e) {
        throw e.at(lines.position());
      }
    }
  }

  /** Takes the lines of a file as one text. */
  private static final class WholeText extends RowReader.OfLines {
    private boolean read;

    WholeText(Lines lines) {
      super(lines);
    }

    @Override
    public RawRow next() throws IOException, BadRowException {
      if (read) {
        return null;
      }
      read = true;
      StringJoiner text = new StringJoiner("\n");
      while (lines.advance()) {
        text.add(lines.text());
      }
      return new RawRow(0, new Object[] {text.toString()});
    }
  }

  private void requireHeader(Chunk chunk, String[] fields) {
    List<String> names = TableHead.names(fields);
    if (namesChecked && names != null && !names.equals(columns)) {
      throw new InputException(
          ("The input file %s has the columns %s in its header, but the first file has %s. "
                  + "Read files of different columns apart.")
              .formatted(
                  InputProblems.name(chunk), String.join(", ", names), String.join(", ", columns)));
    }
  }

  /** Opens the sentences of a chunk, the last of which may end behind it. */
  private RowReader sentences(Chunk chunk, MessageDigest digest) throws IOException {
    long start = Math.max(0, chunk.start() - 1);
    Lines lines = new Lines(files.text(chunk, start), start, onInvalid, digest);
    if (chunk.start() > 0) {
      lines.advance();
    }
    long end = chunk.packed() ? Long.MAX_VALUE : chunk.end();
    return new SentenceRows(lines, chunk.start(), end, columns.size(), format == RowFormat.CONLLU);
  }

  private LineRows.TsHeader tsHeader(Chunk chunk) throws IOException, BadRowException {
    try (Lines lines = new Lines(files.text(chunk, 0), 0, onInvalid, null)) {
      return LineRows.TsHeader.read(lines, InputProblems.name(chunk));
    }
  }

  /** Returns the place of a row in its file. Reads the file up to there. */
  String place(RowKey key) {
    if (format == RowFormat.PARQUET) {
      return "row " + (key.position() + 1);
    }
    try {
      return "line " + files.lineAt(table.chunk(table.firstChunk(key.file())), key.position());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the line and the file of a row, as messages name them. */
  String where(RowKey key) {
    return place(key) + " of " + InputProblems.name(table.chunk(table.firstChunk(key.file())));
  }
}
