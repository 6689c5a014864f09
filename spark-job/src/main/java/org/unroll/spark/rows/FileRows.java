// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowReader.BadRowException;

/** Files as a source of rows, whatever their format. */
@DefaultSerializer(JavaSerializer.class)
public final class FileRows implements RowSource {
  private static final long serialVersionUID = 1L;

  /** So many bytes no file has, so that none is cut. */
  private static final long WHOLE_FILES = 1L << 62;

  private final TableReader table;

  /** The lines that go with those of the table; null where rows are whole. */
  private final TableReader targets;

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
      TableReader table,
      TableReader targets,
      ColumnChoice columns,
      RowAssembler assembler,
      Watcher watcher) {
    this.table = table;
    this.targets = targets;
    this.columns = columns;
    this.assembler = assembler;
    this.starts =
        targets == null
            ? table.table().tasks()
            : IntStream.rangeClosed(0, table.table().chunks()).toArray();
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
    if (!input.targets().isEmpty()) {
      return pairs(input, files, choice, splitter, conf);
    }
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
    List<String> read = SliceColumns.read(columns, format, all.columns(), files, input.onBadRow());
    TableReader table =
        all.select(Stream.concat(columns.names().stream(), read.stream()).distinct().toList());
    SliceColumns slices = SliceColumns.of(columns, read, table.columns(), files);
    RowAssembler assembler = new RowAssembler(columns, table.columns(), splitter, slices);
    return new FileRows(table, null, columns, assembler, null);
  }

  /** Finds the files whose lines go with those of the input's files. */
  private static FileRows pairs(
      RowsInput input,
      List<InputFile> files,
      ColumnChoice choice,
      TextSplitter splitter,
      Configuration conf) {
    List<InputFile> others = InputListing.list(input.targets(), conf);
    RowFormat format = RowFormat.ofText(input, files);
    if (format != RowFormat.TEXT) {
      throw new InputException(
          ("--target names files whose lines go with those of the input, but %s is %s: leave --target"
                  + " out and name the columns with --text and --label, or give files of lines.")
              .formatted(files.get(0).name(), format.word()));
    }
    if (files.size() != others.size()) {
      throw new InputException(
          "There are %s to read (the first is %s), but %s with what is to be written (%s): give as many of each."
              .formatted(
                  RowAssembler.counted(files.size(), "file"),
                  files.get(0).name(),
                  others.size(),
                  others.get(0).name()));
    }
    TableReader sources = TableReader.of(input, format, files, List.of(), WHOLE_FILES, conf);
    TableReader targets = TableReader.of(input, format, others, List.of(), WHOLE_FILES, conf);
    for (int f = 0; f < files.size(); f++) {
      if ((files.get(f).bytes() == 0) != (others.get(f).bytes() == 0)) {
        throw new InputException(
            "%s is empty, but %s is not: give files of which each line goes with the same line of the other."
                .formatted(
                    (files.get(f).bytes() == 0 ? files : others).get(f).name(),
                    (files.get(f).bytes() == 0 ? others : files).get(f).name()));
      }
    }
    String label = choice.label() == null ? ColumnChoice.LABEL : choice.label();
    List<String> available = List.of(ColumnChoice.TEXT, label);
    ColumnChoice columns = choice.among(format, available, input.onBadRow());
    List<String> read = SliceColumns.read(columns, format, available, files, input.onBadRow());
    SliceColumns slices = SliceColumns.of(columns, read, available, files);
    RowAssembler assembler = new RowAssembler(columns, available, splitter, slices);
    return new FileRows(sources, targets, columns, assembler, null);
  }

  /** Returns the same source, whose chunks somebody is told of. */
  public FileRows watched(Watcher told) {
    return new FileRows(table, targets, columns, assembler, told);
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
          open = reader();
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

    private RowReader reader() throws IOException {
      RowReader rows = table.open(chunk, digest);
      if (targets == null) {
        return rows;
      }
      try {
        return new PairedLines(
            rows,
            InputProblems.name(table.table().chunk(chunk)),
            targets.open(chunk, null),
            InputProblems.name(targets.table().chunk(chunk)));
      } catch (IOException | RuntimeException e) {
        rows.close();
        throw e;
      }
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
