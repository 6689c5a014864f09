// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;

/** The rows of a file, or of a part of it, in their order. */
interface RowReader extends Closeable {
  /**
   * The next row; null behind the last.
   *
   * @throws BadRowException if it cannot be used; the next call goes on behind it
   */
  RawRow next() throws IOException, BadRowException;
}
