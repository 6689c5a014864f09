// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;

/** Rows that are made of lines. */
abstract class TableLineRows extends Rows {
  private final LineSource source;

  TableLineRows(LineSource source) {
    this.source = source;
  }

  final LineSource source() {
    return source;
  }

  @Override
  public final String place() throws IOException {
    return "line " + source.lineNumber();
  }

  @Override
  public final long bytes() {
    return source.lines().bytes();
  }

  @Override
  public final long invalidBytes() {
    return source.lines().invalidBytes();
  }

  @Override
  public final void close() throws IOException {
    source.close();
  }
}
