// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowReader.BadRowException;

/** Files as a source of rows, whatever their format. */
@DefaultSerializer(JavaSerializer.class)
final class FileRows implements RowSource {
  private static final long serialVersionUID = 1L;

  private final TableReader table;
  private final ColumnChoice columns;
  private final RowAssembler assembler;
  private final int[] starts;

  private FileRows(TableReader table, ColumnChoice columns, RowAssembler assembler) {
    this.table = table;
    this.columns = columns;
    this.assembler = assembler;
    this.starts = table.table().tasks();
  }

  /**
   * Lists the files and finds out their format and columns.
   *
   * @throws InputException if a file cannot be found or understood, or a column is not there
   */
  static FileRows of(
      RowsInput input, ColumnChoice choice, TextSplitter splitter, Configuration conf) {
    return of(input, choice, splitter, conf, TableReader.CHUNK_BYTES);
  }

  /**
   * Does the same with parts of another size.
   *
   * @param chunkBytes of a plain file that are read in one go
   */
  static FileRows of(
      RowsInput input,
      ColumnChoice choice,
      TextSplitter splitter,
      Configuration conf,
      long chunkBytes) {
    List<InputFile> files = InputListing.list(input.paths(), conf);
    RowFormat format = RowFormat.of(input, files);
    TableReader all = TableReader.of(input, format, files, choice.names(), chunkBytes, conf);
    ColumnChoice columns = choice.among(format, all.columns(), input.onBadRow());
    TableReader table = all.select(columns.names());
    return new FileRows(table, columns, new RowAssembler(columns, table.columns(), splitter));
  }

  @Override
  public String format() {
    return table.format().word();
  }

  @Override
  public List<String> textColumns() {
    return columns.text();
  }

  @Override
  public List<String> featureColumns() {
    return columns.features();
  }

  @Override
  public String labelColumn() {
    return columns.label();
  }

  @Override
  public int parts() {
    return starts.length - 1;
  }

  @Override
  public RowStream open(int part) {
    return new Chunks(starts[part], starts[part + 1]);
  }

  @Override
  public String where(RowKey key) {
    return table.where(key);
  }

  /** Reads the rows of a run of chunks. */
  private final class Chunks implements RowStream {
    private final int to;
    private int chunk;
    private RowReader open;

    Chunks(int from, int to) {
      this.chunk = from;
      this.to = to;
    }

    @Override
    public Parsed next() throws IOException {
      while (chunk < to) {
        if (open == null) {
          open = table.open(chunk, null);
        }
        Parsed record = read();
        if (record != null) {
          return record;
        }
        close();
        chunk++;
      }
      return null;
    }

    private Parsed read() throws IOException {
      int file = table.table().fileOf(chunk);
      try {
        RowReader.RawRow raw = open.next();
        return raw == null ? null : assembler.row(file, raw);
      } catch (BadRowException e) {
        return new BadRow(new RowKey(file, e.position()), e.getMessage());
      } catch (IOException e) {
        throw InputProblems.reading(table.table().chunk(chunk), e);
      }
    }

    @Override
    public void close() throws IOException {
      if (open != null) {
        open.close();
        open = null;
      }
    }
  }
}
