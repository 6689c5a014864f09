// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/** Makes a row's values of a line. */
@FunctionalInterface
interface LineParser {
  /**
   * @return values by column; null if the line is no row
   * @throws BadRowException if it cannot be used
   */
  Object[] parse(String line) throws BadRowException;
}
