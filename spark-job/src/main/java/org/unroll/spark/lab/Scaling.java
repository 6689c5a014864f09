// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/** What stays the same when executors are added. */
public enum Scaling {
  /** The batch: the same training, sooner. */
  STRONG,
  /** Each executor's part of the batch: a larger batch in about the same time. */
  WEAK
}
