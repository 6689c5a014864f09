// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import org.unroll.rnn.io.InputException;

/** What is said about rows that cannot be used. */
final class RowProblems {
  private RowProblems() {}

  /**
   * @param where line and file
   * @param what is wrong, as the rest of a sentence
   */
  static InputException of(String where, String what) {
    return new InputException(text(where, what));
  }

  static String text(String where, String what) {
    return "The row in "
        + where
        + " cannot be used: "
        + what
        + ". Mend or remove it, or leave such rows out with --on-bad-row skip.";
  }
}
