// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

/** The tasks as {@code --task} names them. */
public enum TaskName {
  /** Language model: predict the next token of a text. */
  LM,
  /** One of some classes for every sequence. */
  CLASSIFY,
  /** A label for every step. */
  TAG,
  /** The next numbers of a series, or the numbers of a label. */
  FORECAST,
  /** What an agent knows of where it is, so that it can tell what it will feel next. */
  STATE,
  /** The characters that a sequence says, nobody knows at which steps. */
  RECOGNISE
}
