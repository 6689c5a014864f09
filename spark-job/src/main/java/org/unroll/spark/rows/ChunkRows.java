// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;

/** The rows of the chunks {@code [from, to)}. */
final class ChunkRows implements RowStream {
  private final TableReader reader;
  private final int to;
  private int chunk;
  private RowReader open;

  ChunkRows(TableReader reader, int from, int to) {
    this.reader = reader;
    this.chunk = from;
    this.to = to;
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    while (chunk < to) {
      if (open == null) {
        open = reader.open(chunk);
      }
      RawRow row = read();
      if (row != null) {
        return row;
      }
      open.close();
      open = null;
      chunk++;
    }
    return null;
  }

  private RawRow read() throws IOException, BadRowException {
    try {
      return open.next();
    } catch (IOException e) {
      throw InputProblems.reading(reader.table().chunk(chunk), e);
    }
  }

  @Override
  public int file() {
    return reader.table().fileOf(Math.min(chunk, to - 1));
  }

  @Override
  public String where(long position) {
    return reader.where(file(), position);
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
