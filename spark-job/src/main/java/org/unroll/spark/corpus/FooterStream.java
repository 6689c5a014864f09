// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.PositionOutputStream;

/**
 * Writes a Parquet file whose footer is the same whichever process writes it. Parquet lists the
 * encodings of a column in the order of a hash set of enum constants, which each JVM has its own
 * of; here they are put in order.
 */
final class FooterStream extends PositionOutputStream {
  /** Behind the footer: its length and the magic number. */
  private static final int TRAILER = 2 * Integer.BYTES;

  private final PositionOutputStream out;
  private ByteArrayOutputStream held;

  FooterStream(PositionOutputStream out) {
    this.out = out;
  }

  /** Keeps back what is written from now on, the end of the file with the footer. */
  void hold() {
    held = new ByteArrayOutputStream();
  }

  @Override
  public long getPos() throws IOException {
    return out.getPos() + (held == null ? 0 : held.size());
  }

  @Override
  public void write(int b) throws IOException {
    if (held == null) {
      out.write(b);
    } else {
      held.write(b);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (held == null) {
      out.write(bytes, offset, length);
    } else {
      held.write(bytes, offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    try (out) {
      if (held != null) {
        byte[] end = held.toByteArray();
        held = null;
        writeInOrder(end);
      }
    }
  }

  private void writeInOrder(byte[] end) throws IOException {
    ByteBuffer trailer =
        ByteBuffer.wrap(end, end.length - TRAILER, TRAILER).order(ByteOrder.LITTLE_ENDIAN);
    int length = trailer.getInt();
    int magic = trailer.getInt();
    int start = end.length - TRAILER - length;
    FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(end, start, length));
    footer
        .getRow_groups()
        .forEach(group -> group.getColumns().forEach(column -> sort(column.getMeta_data())));
    ByteArrayOutputStream sorted = new ByteArrayOutputStream();
    Util.writeFileMetaData(footer, sorted);
    out.write(end, 0, start);
    sorted.writeTo(out);
    ByteBuffer last = ByteBuffer.allocate(TRAILER).order(ByteOrder.LITTLE_ENDIAN);
    out.write(last.putInt(sorted.size()).putInt(magic).array());
  }

  private static void sort(ColumnMetaData column) {
    column.getEncodings().sort(Comparator.comparing(Encoding::getValue));
    if (column.getEncoding_stats() != null) {
      column
          .getEncoding_stats()
          .sort(
              Comparator.comparing((PageEncodingStats stats) -> stats.getPage_type().getValue())
                  .thenComparing(stats -> stats.getEncoding().getValue()));
    }
  }
}
