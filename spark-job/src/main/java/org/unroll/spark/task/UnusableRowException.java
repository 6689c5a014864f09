// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

/** A row that can be read, but not be used for a task. */
final class UnusableRowException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param reason the rest of a sentence about the row: {@code its label 'x' is unknown}
   */
  UnusableRowException(String reason) {
    super(reason, null, false, false);
  }
}
