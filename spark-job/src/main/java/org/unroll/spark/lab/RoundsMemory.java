// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import org.apache.spark.SparkConf;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Figures;

/**
 * What the measured rounds need, so that too little is told before the first and not by a crash.
 */
final class RoundsMemory {
  /**
   * Of the driver: parameters, what a job broadcasts, its copies, and the two arrays of the copy.
   */
  private static final int DRIVER_VECTORS = 5;

  /** For every worker in the driver: its sum twice, as bytes and as numbers, of two rounds. */
  private static final int VECTORS_A_WORKER = 4;

  /** Of an executor: parameters as blocks, bytes and numbers, and the gradient likewise. */
  private static final int EXECUTOR_VECTORS = 6;

  private RoundsMemory() {}

  /** Bytes that the driver needs. */
  static long driver(int parameters, int workers) {
    return (DRIVER_VECTORS + (long) VECTORS_A_WORKER * workers) * Float.BYTES * parameters;
  }

  /** Bytes that an executor with one worker needs. */
  static long executor(int parameters) {
    return (long) EXECUTOR_VECTORS * Float.BYTES * parameters;
  }

  /**
   * Refuses sizes that do not fit.
   *
   * @param local whether the workers live in the driver
   * @param driverHas bytes
   * @throws InputException naming both numbers and the setting
   */
  static void require(int parameters, int workers, SparkConf conf, boolean local, long driverHas) {
    require(
        parameters,
        "the driver",
        driver(parameters, workers),
        driverHas,
        "scripts/unroll --driver-memory");
    if (!local) {
      require(
          parameters,
          "every executor",
          executor(parameters),
          conf.getSizeAsBytes("spark.executor.memory", "1g"),
          "--conf spark.executor.memory=");
    }
  }

  private static void require(int parameters, String who, long needs, long has, String setting) {
    if (needs > has) {
      throw new InputException(
          "Rounds of "
              + Figures.count(parameters)
              + " parameters need about "
              + Figures.bytes(needs)
              + " in "
              + who
              + ", which has "
              + Figures.bytes(has)
              + ". Ask for fewer (--params), or give it more ("
              + setting
              + ").");
    }
  }
}
