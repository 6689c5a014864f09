// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/** Opens the rows of tables' parts, on the driver or on any executor. */
@DefaultSerializer(JavaSerializer.class)
public final class TableRowReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ChunkFiles files;
  private final TableSpec spec;
  private final OnInvalid onInvalid;

  public TableRowReader(ChunkFiles files, TableSpec spec, OnInvalid onInvalid) {
    this.files = files;
    this.spec = spec;
    this.onInvalid = onInvalid;
  }

  /**
   * Opens the rows that begin in a chunk.
   *
   * @param digest sees what is read
   * @throws InputException if the file cannot be used, or has not the columns that are wanted
   */
  public Rows open(Chunk chunk, MessageDigest digest) throws IOException {
    try {
      if (spec.format() == InputFormat.PARQUET) {
        return new ParquetTableRows(files, chunk, spec.wanted(), digest);
      }
      InputStream text = files.open(chunk);
      Utf8Lines lines = lines(new DigestInputStream(text, digest), ChunkFiles.first(text));
      LineSource source = new LineSource(files, chunk, ChunkFiles.first(text), lines);
      if (spec.format() == InputFormat.JSONL) {
        return new JsonRows(source, spec.wanted());
      }
      return new DelimitedRows(source, spec, wantedIndexes(chunk, source));
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  private Utf8Lines lines(InputStream text, long first) {
    return new Utf8Lines(text, first == 0, onInvalid, (bytes, from, to) -> from);
  }

  /** Where the wanted columns are; the header is that of the file's beginning, wherever we read. */
  private int[] wantedIndexes(Chunk chunk, LineSource source) throws IOException {
    List<String> columns = spec.columns();
    if (spec.header()) {
      columns = source.first() == 0 ? header(source) : headerOf(chunk);
    }
    int[] indexes = new int[spec.wanted().size()];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = columns.indexOf(spec.wanted().get(i));
      if (indexes[i] < 0) {
        throw InputProblems.missingColumn(chunk, spec.wanted().get(i), columns);
      }
    }
    return indexes;
  }

  private List<String> headerOf(Chunk chunk) throws IOException {
    Chunk whole = new Chunk(chunk.path(), chunk.fileBytes(), 0, chunk.fileBytes(), chunk.packed());
    InputStream text = files.open(whole);
    try (LineSource source = new LineSource(files, whole, 0, lines(text, 0))) {
      return header(source);
    }
  }

  private List<String> header(LineSource source) throws IOException {
    DelimitedRows names = new DelimitedRows(source, spec, new int[0]);
    List<String> columns = new ArrayList<>();
    if (names.next()) {
      for (int i = 0; i < names.width(); i++) {
        columns.add(String.valueOf(names.valueAt(i)).strip());
      }
    }
    return columns;
  }
}
