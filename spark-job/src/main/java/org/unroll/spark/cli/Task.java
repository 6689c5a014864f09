// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

/** What a model learns to do. */
enum Task {
  /** Language model: predict the next token of a text. */
  LM
}
