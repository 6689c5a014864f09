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
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowReader.BadRowException;

/** Files as a source of rows, whatever their format. */
@DefaultSerializer(JavaSerializer.class)
public final class FileRows implements RowSource.InParts {
  private static final long serialVersionUID = 1L;

  /** So many bytes no file has, so that none is cut. */
  private static final long WHOLE_FILES = 1L << 62;

  private final TableReader table;

  /** Of lines that go with those of other files, their first chunk; -1 where rows are whole. */
  private final int firstTarget;

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
      int firstTarget,
      ColumnChoice columns,
      RowAssembler assembler,
      Watcher watcher) {
    this.table = table;
    this.firstTarget = firstTarget;
    this.columns = columns;
    this.assembler = assembler;
    this.starts =
        firstTarget < 0 ? table.table().tasks() : IntStream.rangeClosed(0, firstTarget).toArray();
    this.watcher = watcher;
  }

  /**
   * Lists the files and finds out their format and columns.
   *
   * @throws InputException if a file cannot be found or understood, or a column is not there
   */
  public static FileRows of(
      RowsInput input, ColumnChoice choice, TextSplitter splitter, Configuration conf) {
    InputFiles files = InputFiles.list(input, conf);
    RowFormat format;
    if (!files.targets().isEmpty()) {
      format = RowFormat.ofText(input, files.files());
    } else if (choice.labelKind() == LabelKind.TEXTS) {
      format = RowFormat.ofDocuments(input, files.files());
      requireWritten(format, files);
    } else {
      format = RowFormat.of(input, files.files());
    }
    return of(input, format, files, choice, splitter, TableReader.CHUNK_BYTES, conf);
  }

  /** Refuses text alone where rows must have what is to be written about them. */
  private static void requireWritten(RowFormat format, InputFiles files) {
    if (format == RowFormat.TEXT || format == RowFormat.FILE) {
      throw new InputException(
          ("%s is taken for text alone, with nothing that is to be written about it. Name the files"
                  + " whose lines go with its own with --target (of translate and execute), or give a"
                  + " table with a column for that (--label); where its name does not tell that it is"
                  + " one, --format does.")
              .formatted(files.files().get(0).name()));
    }
  }

  /**
   * Finds out the columns of files.
   *
   * @param format of all of them
   * @param files what was listed
   * @param chunkBytes of a plain file that are read in one go, unless its lines go with others
   * @throws InputException if a file cannot be understood, or a column is not there
   */
  public static FileRows of(
      RowsInput input,
      RowFormat format,
      InputFiles files,
      ColumnChoice choice,
      TextSplitter splitter,
      long chunkBytes,
      Configuration conf) {
    if (!files.targets().isEmpty()) {
      return pairs(input, format, files, choice, splitter, conf);
    }
    List<InputFile> listed = files.files();
    TableReader all = TableReader.of(input, format, listed, choice.names(), chunkBytes, conf);
    ColumnChoice columns = choice.among(format, all.columns(), input.onBadRow());
    List<String> read = SliceColumns.read(columns, format, all.columns(), listed, input.onBadRow());
    TableReader table =
        all.select(Stream.concat(columns.names().stream(), read.stream()).distinct().toList());
    SliceColumns slices = SliceColumns.of(columns, read, table.columns(), listed);
    RowAssembler assembler = new RowAssembler(columns, table.columns(), splitter, slices);
    return new FileRows(table, -1, columns, assembler, null);
  }

  /** Takes the lines of files side by side. */
  private static FileRows pairs(
      RowsInput input,
      RowFormat format,
      InputFiles files,
      ColumnChoice choice,
      TextSplitter splitter,
      Configuration conf) {
    if (format != RowFormat.TEXT) {
      throw new InputException(
          ("--target names files whose lines go with those of the input, but %s is %s: leave --target"
                  + " out and name the columns with --text and --label, or give files of lines.")
              .formatted(files.files().get(0).name(), format.word()));
    }
    files.requirePairs();
    TableReader both = TableReader.of(input, format, files.all(), List.of(), WHOLE_FILES, conf);
    String label = choice.label() == null ? ColumnChoice.LABEL : choice.label();
    List<String> available = List.of(ColumnChoice.TEXT, label);
    ColumnChoice columns = choice.among(format, available, input.onBadRow());
    List<InputFile> listed = files.files();
    List<String> read = SliceColumns.read(columns, format, available, listed, input.onBadRow());
    SliceColumns slices = SliceColumns.of(columns, read, available, listed);
    RowAssembler assembler = new RowAssembler(columns, available, splitter, slices);
    int firstTarget = both.table().firstChunk(listed.size());
    return new FileRows(both, firstTarget, columns, assembler, null);
  }

  /** Returns the same source, whose chunks somebody is told of. */
  public FileRows watched(Watcher told) {
    return new FileRows(table, firstTarget, columns, assembler, told);
  }

  /** Returns the chunks of the files, behind them those of the lines that go with theirs. */
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

  /** A chunk that is being read. */
  private final class Chunk {
    private final int number;
    private final String path;
    private final RowReader rows;
    private final MessageDigest digest;

    Chunk(int number) throws IOException {
      this.number = number;
      this.path = table.table().chunk(number).path();
      this.digest = watcher == null ? null : RowHash.digest();
      this.rows = table.open(number, digest);
    }

    String name() {
      return InputProblems.name(table.table().chunk(number));
    }

    /** Tells the watcher of a chunk that was read to its end. */
    void end() {
      if (watcher != null) {
        watcher.read(number, rows.bytes(), rows.invalidBytes(), digest.digest());
      }
    }
  }

  /** Reads the rows of a run of chunks. */
  private final class Chunks implements RowStream {
    private final int to;
    private int chunk;
    private Chunk source;
    private Chunk target;
    private RowReader open;

    Chunks(int from, int to) {
      this.chunk = from;
      this.to = to;
    }

    @Override
    public Parsed next() throws IOException {
      while (chunk < to) {
        if (open == null) {
          open();
        }
        Parsed record = read();
        if (record != null) {
          return record;
        }
        source.end();
        if (target != null) {
          target.end();
        }
        close();
        chunk++;
      }
      return null;
    }

    private void open() throws IOException {
      source = new Chunk(chunk);
      open = source.rows;
      if (firstTarget >= 0) {
        target = new Chunk(firstTarget + chunk);
        open = new PairedLines(source.rows, source.name(), target.rows, target.name());
      }
    }

    private Parsed read() throws IOException {
      int file = table.table().fileOf(chunk);
      try {
        RowReader.RawRow raw = open.next();
        if (raw != null && raw.values() == null) {
          return new Gap(new RowKey(file, raw.position()));
        }
        return raw == null ? null : assembler.row(file, source.path, raw);
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
