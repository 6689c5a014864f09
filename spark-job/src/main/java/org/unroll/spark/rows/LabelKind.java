// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/** What a task takes from the label column. */
public enum LabelKind {
  /** Nothing: the column need not be there. */
  NONE,
  /** A class, or a text, for the whole sequence. */
  CLASS,
  /** A label for each step. */
  STEPS,
  /** One number or several. */
  NUMBERS
}
