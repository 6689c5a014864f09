// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * Rows of a table as documents: a column with text, and perhaps one with labels and one with names.
 */
final class RowDocuments extends Documents {
  private final Rows rows;
  private final Chunk chunk;
  private final DocumentColumns columns;
  private final OnInvalid onMissing;
  private byte[] text = new byte[0];
  private int from;
  private int to = -1;
  private int end = -1;
  private long emptyRows;

  RowDocuments(Rows rows, Chunk chunk, DocumentColumns columns, OnInvalid onMissing) {
    this.rows = rows;
    this.chunk = chunk;
    this.columns = columns;
    this.onMissing = onMissing;
  }

  @Override
  public boolean next() throws IOException {
    if (to == end) {
      if (!rows.next()) {
        return false;
      }
      String value = rows.value(0);
      if (value == null) {
        requireText();
        value = "";
        emptyRows++;
      }
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
    return true;
  }

  private void requireText() throws IOException {
    if (onMissing == OnInvalid.FAIL) {
      throw new InputException(
          "The input file "
              + InputProblems.name(chunk)
              + " has in "
              + rows.place()
              + " no value in the column '"
              + columns.text()
              + "'. Correct it, or take such rows as empty texts with --on-invalid replace.");
    }
  }

  @Override
  public byte[] text() {
    return text;
  }

  @Override
  public int from() {
    return from;
  }

  @Override
  public int to() {
    return to;
  }

  @Override
  public boolean newline() {
    return true;
  }

  @Override
  public boolean lineEnded() {
    return true;
  }

  @Override
  public boolean ended() {
    return to == end;
  }

  @Override
  public String id() {
    return columns.id() == null ? null : rows.value(columns.idIndex());
  }

  @Override
  public String label() {
    return columns.label() == null ? null : rows.value(columns.labelIndex());
  }

  @Override
  public String place() throws IOException {
    return rows.place();
  }

  @Override
  public long bytes() {
    return rows.bytes();
  }

  @Override
  public long invalidBytes() {
    return rows.invalidBytes();
  }

  @Override
  public long emptyRows() {
    return emptyRows;
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
