// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

/** What a model learns to do. */
enum Task {
  /** Language model: predict the next token of a text. */
  LM,
  /** One of some classes for every sequence. */
  CLASSIFY,
  /** A label for every step. */
  TAG,
  /** The next numbers of a series, or the numbers of a label. */
  FORECAST,
  /** The characters that a sequence says, nobody knows at which steps. */
  RECOGNISE
}
