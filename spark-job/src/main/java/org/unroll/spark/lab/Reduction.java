// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/** How sums get to the driver and parameters back. */
public enum Reduction {
  /** The driver talks to every executor. */
  HUB,
  /** Executors add in pairs, and hand parameters on along the same tree. */
  TREE
}
