// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/** What becomes of a row that cannot be used. */
public enum OnBadRow {
  /** It ends the command with a message that names file and line. */
  FAIL,
  /** It is left out and counted. */
  SKIP
}
