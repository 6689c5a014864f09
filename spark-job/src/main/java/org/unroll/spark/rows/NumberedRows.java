// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.Iterator;
import scala.Tuple2;

/** The sequences of a stream, each behind its number in the input. */
final class NumberedRows implements Iterator<Tuple2<Long, SequenceRow>> {
  private final SequenceRows rows;
  private final long start;

  /**
   * @param start rows of the input before the stream's
   */
  NumberedRows(SequenceRows rows, long start) {
    this.rows = rows;
    this.start = start;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public Tuple2<Long, SequenceRow> next() {
    SequenceRow row = rows.next();
    return new Tuple2<>(start + rows.read() - 1, row);
  }
}
