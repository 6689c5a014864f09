// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;

/** Lines of text as documents, or a whole file as one. */
final class LineDocuments extends Documents {
  private final LineSource source;
  private final Utf8Lines lines;
  private final boolean wholeFile;
  private boolean last;

  LineDocuments(LineSource source, boolean wholeFile) {
    this.source = source;
    this.lines = source.lines();
    this.wholeFile = wholeFile;
  }

  @Override
  public boolean next() throws IOException {
    if (!source.next()) {
      return false;
    }
    last = wholeFile ? lines.isLast() : lines.ended();
    return true;
  }

  @Override
  public byte[] text() {
    return lines.text();
  }

  @Override
  public int from() {
    return lines.from();
  }

  @Override
  public int to() {
    return lines.to();
  }

  @Override
  public boolean newline() {
    return lines.newline();
  }

  @Override
  public boolean lineEnded() {
    return lines.ended();
  }

  @Override
  public boolean ended() {
    return last;
  }

  @Override
  public String id() {
    return null;
  }

  @Override
  public String label() {
    return null;
  }

  @Override
  public String place() throws IOException {
    return "line " + source.lineNumber();
  }

  @Override
  public long bytes() {
    return lines.bytes();
  }

  @Override
  public long invalidBytes() {
    return lines.invalidBytes();
  }

  @Override
  public long emptyRows() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
