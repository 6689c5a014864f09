// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/**
 * The costs of moving numbers between a driver and its executors; PLAN.md explains the model.
 *
 * @param roundSeconds of a round without messages
 * @param messageSeconds of the driver for one executor's messages of a round, however short
 * @param workerSecondsPerByte of an executor for its own bytes, which all executors do at a time
 * @param driverSecondsPerByte of the driver, which has the bytes of all executors to handle
 * @param bytesPerSecond of a network link each way, infinite if it is no limit
 * @param latencySeconds that a message is on its way, beside what was measured
 */
public record Link(
    double roundSeconds,
    double messageSeconds,
    double workerSecondsPerByte,
    double driverSecondsPerByte,
    double bytesPerSecond,
    double latencySeconds) {

  /**
   * The seconds that rounds took, of few floats and of many, of one executor and of two.
   *
   * @param small bytes of an executor in the short rounds, both ways together
   * @param one bytes of the executor in the long round of one
   * @param two bytes of each executor in the long round of two
   * @param copySecondsPerByte of a copy in memory, the least that the driver needs for a byte
   */
  public record Measured(
      double smallOne,
      double smallTwo,
      double largeOne,
      double largeTwo,
      double small,
      double one,
      double two,
      double copySecondsPerByte) {}

  /** Returns the costs behind what was measured, in a network as fast as the measured one. */
  public static Link fit(Measured m) {
    double perByteOfOne = Math.max(0, m.largeOne() - m.smallOne()) / (m.one() - m.small());
    double perByteOfTwo = Math.max(0, m.largeTwo() - m.smallTwo()) / (m.two() - m.small());
    double driver = Math.min(perByteOfTwo - perByteOfOne, perByteOfTwo / 2);
    driver = Math.max(driver, m.copySecondsPerByte());
    double worker = Math.max(0, perByteOfTwo - 2 * driver);
    double message = Math.max(0, m.smallTwo() - m.smallOne() - m.small() * driver);
    double round = Math.max(0, m.smallOne() - message - m.small() * (worker + driver));
    return new Link(round, message, worker, driver, Double.POSITIVE_INFINITY, 0);
  }

  /** Returns the costs of the same machines in another network. */
  public Link over(double bytesPerSecond, double latencySeconds) {
    return new Link(
        roundSeconds,
        messageSeconds,
        workerSecondsPerByte,
        driverSecondsPerByte,
        bytesPerSecond,
        latencySeconds);
  }

  /**
   * Returns the seconds of an exchange between a hub and {@code executors}. Bytes are on the
   * network while others are worked on, so the slower of the two counts.
   *
   * @param bytes of each executor, both ways together
   */
  public double exchange(int executors, double bytes) {
    double work = workerSecondsPerByte + executors * driverSecondsPerByte;
    double wire = executors / bytesPerSecond;
    return roundSeconds
        + executors * messageSeconds
        + 2 * latencySeconds
        + bytes * Math.max(work, wire);
  }
}
