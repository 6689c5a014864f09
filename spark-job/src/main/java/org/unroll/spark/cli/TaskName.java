// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

/** The tasks as {@code --task} names them. */
public enum TaskName {
  /** A language model predicts the next token of a text. */
  LM,
  /** A sequence gets one of some classes. */
  CLASSIFY,
  /** Every step gets a label. */
  TAG,
  /** A series gets its next numbers, or a sequence the numbers of its label. */
  FORECAST,
  /** An agent knows where it is as far as it can tell what it will feel next. */
  STATE,
  /** A sequence gets the characters that it says, nobody knows at which steps. */
  RECOGNISE,
  /** A text gets the same text in another language. */
  TRANSLATE,
  /** A picture gets what can be said of it. */
  CAPTION,
  /** A program gets what it prints. */
  EXECUTE;

  /** Returns whether a text is written about what was read. */
  boolean writes() {
    return this == TRANSLATE || this == CAPTION || this == EXECUTE;
  }
}
