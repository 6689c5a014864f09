// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import org.unroll.spark.report.Figures;

/**
 * The bytes of messages and numbers of a round at the driver, whichever way they went.
 *
 * @param in from executors
 * @param out to executors
 */
public record Traffic(long in, long out) {
  /** Nothing crossed, as between workers and a driver in one process. */
  public static final Traffic NONE = new Traffic(0, 0);

  /** Returns whether nothing crossed. */
  public boolean isNone() {
    return in == 0 && out == 0;
  }

  /** Returns both for people, as in {@code 80 MB in, 80 MB out}. */
  public String describe() {
    return Figures.bytes(in) + " in, " + Figures.bytes(out) + " out";
  }
}
