// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;

/** Rows of several files as a Spark task reads them. */
interface RowStream extends Closeable {
  /** See {@link RowReader#next}. */
  RawRow next() throws IOException, BadRowException;

  /** The file of the row that came last, or that failed. */
  int file();

  /** How messages name a row of that file. */
  String where(long position);
}
