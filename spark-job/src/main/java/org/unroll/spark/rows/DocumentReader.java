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
 *
 * @param table the chunks that can be opened
 * @param files access to the files
 * @param input the description of the files
 * @param wholeFiles whether each file is one document
 * @param rows the reader of rows; null for text
 * @param column of text of rows; null for text
 */
@DefaultSerializer(JavaSerializer.class)
public record DocumentReader(
    ChunkTable table,
    ChunkFiles files,
    RowsInput input,
    boolean wholeFiles,
    TableReader rows,
    String column)
    implements Serializable {
  /**
   * Finds out the columns of documents.
   *
   * @param input where they are
   * @param format of all files
   * @param listed the files
   * @param choice names the column of text; nothing of it may be said for text
   * @param chunkBytes of a plain file that are read in one go
   * @throws InputException if a column is not there
   */
  public static DocumentReader of(
      RowsInput input,
      RowFormat format,
      List<InputFile> listed,
      ColumnChoice choice,
      long chunkBytes,
      Configuration conf) {
    TableReader all = TableReader.of(input, format, listed, choice.names(), chunkBytes, conf);
    ColumnChoice columns = choice.ofText(format, all.columns(), input.onBadRow());
    boolean whole = format == RowFormat.FILE;
    if (whole || format == RowFormat.TEXT) {
      return new DocumentReader(all.table(), all.files(), input, whole, null, null);
    }
    TableReader rows = all.select(columns.names());
    String column = columns.text().get(0);
    return new DocumentReader(rows.table(), rows.files(), input, false, rows, column);
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
    String place(int linesBefore) throws IOException {
      return "line " + (files.lineAt(chunk, first) + count - 1 - linesBefore);
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

  /** Rows of a table as documents, of a column with text and perhaps others with . */
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
        Object value = row.values()[rows.columns().indexOf(column)];
        if (value == null && input.onInvalid() == OnInvalid.FAIL) {
          throw new BadRowException("it has no value in column '" + column + "'");
        }
        return value == null ? "" : RowAssembler.text(value);
      } catch (BadRowException e) {
        throw e.at(row.position());
      }
    }

    private void refuse(BadRowException e) {
      if (input.onBadRow() == OnBadRow.FAIL) {
        RowKey key = new RowKey(table.fileOf(chunk), e.position());
        throw new BadRow(key, e.getMessage()).exception(rows.where(key));
      }
      badRows++;
    }

    @Override
    String place(int linesBefore) {
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
