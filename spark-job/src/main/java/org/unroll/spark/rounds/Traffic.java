// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/**
 * The bytes of messages and numbers of a round at the driver, whichever way they went.
 *
 * @param in from executors
 * @param out to executors
 */
public record Traffic(long in, long out) {
  /** Nothing crossed, as between workers and a driver in one process. */
  public static final Traffic NONE = new Traffic(0, 0);
}
