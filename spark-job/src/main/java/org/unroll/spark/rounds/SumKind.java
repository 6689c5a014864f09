// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/** The places where the sums of resident rounds are added; the bits are the same. */
public enum SumKind {
  /** The driver adds all: its link carries a gradient and the parameters for every executor. */
  DRIVER,
  /**
   * Every executor adds its part of the positions, and passes the new parameters there on: the
   * driver's link carries one gradient and the parameters once, however many executors there are.
   */
  SHARED,
  /** Shared where the driver's link is what limits: many executors and a large gradient. */
  AUTO;

  /** So many executors at least share sums by themselves: with fewer there is little to gain. */
  static final int EXECUTORS = 3;

  /** So many bytes of a gradient at least: with fewer the messages between executors cost more. */
  static final long BYTES = 4L << 20;
}
