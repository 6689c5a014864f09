// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowReader.BadRowException;

/** Files as a source of rows, whatever their format. */
@DefaultSerializer(JavaSerializer.class)
public final class FileRows implements RowSource {
  private static final long serialVersionUID = 1L;

  private final TableReader table;
  private final ColumnChoice columns;
  private final RowAssembler assembler;
  private final int[] starts;
  private final Watcher watcher;

  /** A watcher is told of every chunk that was read to its end. */
  public interface Watcher extends Serializable {
    /**
     * Takes what is known of a chunk.
     *
     * @param bytes of text that were read
     * @param invalidBytes that were no UTF-8 and have been replaced
     * @param digest SHA-256 of what was read
     */
    void read(int chunk, long bytes, long invalidBytes, byte[] digest);
  }

  private FileRows(
      TableReader table, ColumnChoice columns, RowAssembler assembler, Watcher watcher) {
    this.table = table;
    this.columns = columns;
    this.assembler = assembler;
    this.starts = table.table().tasks();
    this.watcher = watcher;
  }

  /**
   * Lists the files and finds out their format and columns.
   *
   * @throws InputException if a file cannot be found or understood, or a column is not there
   */
  public static FileRows of(
      RowsInput input, ColumnChoice choice, TextSplitter splitter, Configuration conf) {
    List<InputFile> files = InputListing.list(input.paths(), conf);
    RowFormat format = RowFormat.of(input, files);
    return of(input, format, files, choice, splitter, TableReader.CHUNK_BYTES, conf);
  }

  /**
   * Finds out the columns of files.
   *
   * @param format of all of them
   * @param files what was listed
   * @param chunkBytes of a plain file that are read in one go
   * @throws InputException if a file cannot be understood, or a column is not there
   */
  public static FileRows of(
      RowsInput input,
      RowFormat format,
      List<InputFile> files,
      ColumnChoice choice,
      TextSplitter splitter,
      long chunkBytes,
      Configuration conf) {
    TableReader all = TableReader.of(input, format, files, choice.names(), chunkBytes, conf);
    ColumnChoice columns = choice.among(format, all.columns(), input.onBadRow());
    TableReader table = all.select(columns.names());
    return new FileRows(table, columns, new RowAssembler(columns, table.columns(), splitter), null);
  }

  /** Returns the same source, whose chunks somebody is told of. */
  public FileRows watched(Watcher told) {
    return new FileRows(table, columns, assembler, told);
  }

  /** Returns the chunks of the files. */
  public ChunkTable chunks() {
    return table.table();
  }

  @Override
  public String format() {
    return table.format().word();
  }

  @Override
  public ColumnChoice columns() {
    return columns;
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
    private MessageDigest digest;

    Chunks(int from, int to) {
      this.chunk = from;
      this.to = to;
    }

    @Override
    public Parsed next() throws IOException {
      while (chunk < to) {
        if (open == null) {
          digest = watcher == null ? null : RowHash.digest();
          open = table.open(chunk, digest);
        }
        Parsed record = read();
        if (record != null) {
          return record;
        }
        if (watcher != null) {
          watcher.read(chunk, open.bytes(), open.invalidBytes(), digest.digest());
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
        if (raw != null && raw.values() == null) {
          return new Gap(new RowKey(file, raw.position()));
        }
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
