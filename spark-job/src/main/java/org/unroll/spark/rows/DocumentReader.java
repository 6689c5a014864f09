// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.data.Slicer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.RowReader.RawRow;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * Opens the documents of an input's chunks, on the driver or on any executor. Text goes from its
 * bytes into the tokeniser's slices without an object on the way; rows of tables come through the
 * one reader of their format.
 */
@DefaultSerializer(JavaSerializer.class)
public final class DocumentReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ChunkTable table;
  private final ChunkFiles files;
  private final RowsInput input;
  private final boolean wholeFiles;

  /** The reader of rows; null for text. */
  private final TableReader rows;

  /** The columns of rows; null for text. */
  private final ColumnChoice columns;

  private DocumentReader(
      ChunkTable table,
      ChunkFiles files,
      RowsInput input,
      boolean wholeFiles,
      TableReader rows,
      ColumnChoice columns) {
    this.table = table;
    this.files = files;
    this.input = input;
    this.wholeFiles = wholeFiles;
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * Finds out the columns of documents.
   *
   * @param input where they are
   * @param format of all files
   * @param listed the files
   * @param choice the columns; nothing of it may be said for text
   * @param wholeFiles whether a file of text is one document, rather than a line
   * @param chunkBytes of a plain file that are read in one go
   * @throws InputException if a column is not there
   */
  public static DocumentReader of(
      RowsInput input,
      RowFormat format,
      List<InputFile> listed,
      ColumnChoice choice,
      boolean wholeFiles,
      long chunkBytes,
      Configuration conf) {
    TableReader all = TableReader.of(input, format, listed, choice.names(), chunkBytes, conf);
    ColumnChoice columns = choice.ofDocuments(format, all.columns(), input.onBadRow());
    if (format == RowFormat.TEXT) {
      return ofText(input, listed, wholeFiles, chunkBytes, conf);
    }
    if (wholeFiles) {
      throw new InputException(
          "--whole-files is for text, but the input's format is " + format.word() + ".");
    }
    TableReader rows = all.select(columns.names());
    return new DocumentReader(rows.table(), rows.files(), input, false, rows, columns);
  }

  /**
   * Reads text as documents.
   *
   * @param wholeFiles whether a file is one document, rather than a line
   * @param chunkBytes of a plain file that are read in one go
   */
  public static DocumentReader ofText(
      RowsInput input,
      List<InputFile> listed,
      boolean wholeFiles,
      long chunkBytes,
      Configuration conf) {
    ChunkTable table = new ChunkTable(listed, chunkBytes, wholeFiles);
    return new DocumentReader(table, new ChunkFiles(conf), input, wholeFiles, null, null);
  }

  /** Returns the chunks that can be opened. */
  public ChunkTable table() {
    return table;
  }

  /** Returns the access to the files. */
  public ChunkFiles files() {
    return files;
  }

  /**
   * Opens the documents that begin in a chunk.
   *
   * @param slicer tells where a long line of text can be cut
   * @param digest sees what is read
   */
  public Documents open(int index, Slicer slicer, MessageDigest digest) throws IOException {
    if (rows != null) {
      return new OfRows(index, rows.open(index, digest));
    }
    Chunk chunk = table.chunk(index);
    try {
      InputStream text = files.open(chunk);
      long first = ChunkFiles.first(text);
      Utf8Lines lines =
          new Utf8Lines(
              new DigestInputStream(text, digest), first == 0, input.onInvalid(), slicer::boundary);
      return new OfText(chunk, first, lines);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  /** Lines of text as documents, or a whole file as one. */
  private final class OfText extends Documents {
    private final Chunk chunk;
    private final long first;
    private final Utf8Lines lines;
    private long count;

    /**
     * Takes over the lines of a chunk.
     *
     * @param first the place of the chunk's text in that of its file
     */
    OfText(Chunk chunk, long first, Utf8Lines lines) {
      this.chunk = chunk;
      this.first = first;
      this.lines = lines;
    }

    @Override
    public boolean next() throws IOException {
      try {
        if (!lines.next()) {
          return false;
        }
        ended = wholeFiles ? lines.isLast() : lines.ended();
      } catch (Utf8Lines.BadTextException e) {
        throw InputProblems.badText(chunk, first, e, files);
      } catch (IOException e) {
        throw InputProblems.reading(chunk, e);
      }
      text = lines.text();
      from = lines.from();
      to = lines.to();
      newline = lines.newline();
      lineEnded = lines.ended();
      count += lineEnded ? 1 : 0;
      return true;
    }

    @Override
    public String place() throws IOException {
      return "line " + (files.lineAt(chunk, first) + count - 1);
    }

    @Override
    public long bytes() {
      return lines.bytes();
    }

    @Override
    public long invalidBytes() {
      return lines.invalidBytes();
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  /** Rows of a table as documents, of a column with text and perhaps others with labels and ids. */
  private final class OfRows extends Documents {
    private final int chunk;
    private final RowReader reader;
    private int end = -1;
    private long position;

    /** Takes over the rows of a chunk. */
    OfRows(int chunk, RowReader reader) {
      this.chunk = chunk;
      this.reader = reader;
      this.newline = true;
      this.lineEnded = true;
    }

    @Override
    public boolean next() throws IOException {
      if (to == end) {
        String value = nextText();
        if (value == null) {
          return false;
        }
        emptyRows += value.isEmpty() ? 1 : 0;
        text = (value + "\n").getBytes(StandardCharsets.UTF_8);
        end = text.length - 1;
        from = 0;
      } else {
        from = to + 1;
      }
      to = from;
      while (text[to] != '\n') {
        to++;
      }
      ended = to == end;
      return true;
    }

    /** Returns the text of the next row that can be used, or null behind the last. */
    private String nextText() throws IOException {
      while (true) {
        try {
          RawRow row = reader.next();
          return row == null ? null : take(row);
        } catch (BadRowException e) {
          refuse(e);
        } catch (IOException e) {
          throw InputProblems.reading(table.chunk(chunk), e);
        }
      }
    }

    private String take(RawRow row) throws BadRowException {
      try {
        position = row.position();
        id = orNull(value(row, columns.id()));
        label = orNull(value(row, columns.label()));
        String column = columns.text().get(0);
        String value = value(row, column);
        if (value == null && input.onInvalid() == OnInvalid.FAIL) {
          throw new BadRowException("it has no value in column '" + column + "'");
        }
        return value == null ? "" : value;
      } catch (BadRowException e) {
        throw e.at(row.position());
      }
    }

    private String value(RawRow row, String column) throws BadRowException {
      Object value = column == null ? null : row.values()[rows.columns().indexOf(column)];
      return value == null ? null : RowAssembler.text(value);
    }

    /** Returns null for what a format without null writes in its place. */
    private static String orNull(String value) {
      return value == null || value.isBlank() ? null : value;
    }

    private void refuse(BadRowException e) {
      if (input.onBadRow() == OnBadRow.FAIL) {
        RowKey key = new RowKey(table.fileOf(chunk), e.position());
        throw new BadRow(key, e.getMessage()).exception(rows.where(key));
      }
      badRows++;
    }

    @Override
    public String place() {
      return rows.place(new RowKey(table.fileOf(chunk), position));
    }

    @Override
    public long bytes() {
      return reader.bytes();
    }

    @Override
    public long invalidBytes() {
      return reader.invalidBytes();
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
