// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.unroll.rnn.data.Slicer;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/** Opens the documents of an input's chunks, on the driver or on any executor. */
@DefaultSerializer(JavaSerializer.class)
public final class DocumentReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ChunkTable table;
  private final ChunkFiles files;
  private final OnInvalid onInvalid;
  private final boolean wholeFiles;
  private final TableRowReader rows;
  private final DocumentColumns columns;

  /** Text: lines, or whole files, in whose table every file is one chunk. */
  public DocumentReader(
      ChunkTable table, ChunkFiles files, OnInvalid onInvalid, boolean wholeFiles) {
    this(table, files, onInvalid, wholeFiles, null, null);
  }

  /** Rows of a table. */
  public DocumentReader(
      ChunkTable table,
      ChunkFiles files,
      OnInvalid onInvalid,
      TableRowReader rows,
      DocumentColumns columns) {
    this(table, files, onInvalid, false, rows, columns);
  }

  private DocumentReader(
      ChunkTable table,
      ChunkFiles files,
      OnInvalid onInvalid,
      boolean wholeFiles,
      TableRowReader rows,
      DocumentColumns columns) {
    this.table = table;
    this.files = files;
    this.onInvalid = onInvalid;
    this.wholeFiles = wholeFiles;
    this.rows = rows;
    this.columns = columns;
  }

  public ChunkTable table() {
    return table;
  }

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
    Chunk chunk = table.chunk(index);
    if (rows != null) {
      return new RowDocuments(rows.open(chunk, digest), chunk, columns, onInvalid);
    }
    try {
      InputStream text = files.open(chunk);
      long first = ChunkFiles.first(text);
      Utf8Lines lines =
          new Utf8Lines(
              new DigestInputStream(text, digest), first == 0, onInvalid, slicer::boundary);
      return new LineDocuments(new LineSource(files, chunk, first, lines), wholeFiles);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }
}
