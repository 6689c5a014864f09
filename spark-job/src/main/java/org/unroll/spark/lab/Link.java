// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/**
 * The costs of moving numbers between a driver and its executors; PLAN.md explains the model.
 *
 * @param roundSeconds of a round without messages
 * @param messageSeconds of the driver for one executor's messages of a round, however short
 * @param workerSecondsPerByte of an executor for its own bytes, which all executors do at a time
 * @param driverSecondsPerByte of the driver, which has the bytes of all executors to handle
 * @param meshSecondsPerByte of an executor for a byte that it sends to another while one comes
 * @param bytesPerSecond of what is sent over a network link each way, infinite if it is no limit
 * @param latencySeconds that a message is on its way, beside what was measured
 */
public record Link(
    double roundSeconds,
    double messageSeconds,
    double workerSecondsPerByte,
    double driverSecondsPerByte,
    double meshSecondsPerByte,
    double bytesPerSecond,
    double latencySeconds) {
  /** The part of an Ethernet's bytes that TCP has for what is sent, in frames of 1,500 bytes. */
  public static final double PAYLOAD = 0.95;

  /**
   * The seconds that rounds took, of few floats and of many, of one executor and of several.
   *
   * @param executors how many several are, at least 2
   * @param sharedSeveral of the long round of several whose sums they share
   * @param small bytes of an executor in the short rounds, both ways together
   * @param one bytes of the executor in the long round of one
   * @param several bytes of each executor in the long rounds of several
   * @param copySecondsPerByte of a copy in memory, the least that a process needs for a byte
   */
  public record Measured(
      int executors,
      double smallOne,
      double smallSeveral,
      double largeOne,
      double largeSeveral,
      double sharedSeveral,
      double small,
      double one,
      double several,
      double copySecondsPerByte) {}

  /** Returns the costs behind what was measured, in a network as fast as the measured one. */
  public static Link fit(Measured m) {
    int n = m.executors();
    double perByteOfOne = Math.max(0, m.largeOne() - m.smallOne()) / (m.one() - m.small());
    double longer = m.several() - m.small();
    double perByteOfAll = Math.max(0, m.largeSeveral() - m.smallSeveral()) / longer;
    double driver = Math.min((perByteOfAll - perByteOfOne) / (n - 1), perByteOfAll / n);
    driver = Math.max(driver, m.copySecondsPerByte());
    double worker = Math.max(0, perByteOfAll - n * driver);
    double message = Math.max(0, (m.smallSeveral() - m.smallOne()) / (n - 1) - m.small() * driver);
    double round = Math.max(0, m.smallOne() - message - m.small() * (worker + driver));
    // Each keeps a part of its bytes, and gives all others to those who own them.
    double perSharedByte = Math.max(0, m.sharedSeveral() - m.smallSeveral()) / longer;
    double ofMesh = (perSharedByte - driver - worker / n) * n / (n - 1);
    double mesh = Math.max(m.copySecondsPerByte(), ofMesh);
    return new Link(round, message, worker, driver, mesh, Double.POSITIVE_INFINITY, 0);
  }

  /**
   * Returns the costs of the same machines in another network.
   *
   * @param bytesPerSecond that a link is sold with, of which frames and headers take their part;
   *     infinite if it is no limit
   */
  public Link over(double bytesPerSecond, double latencySeconds) {
    return new Link(
        roundSeconds,
        messageSeconds,
        workerSecondsPerByte,
        driverSecondsPerByte,
        meshSecondsPerByte,
        PAYLOAD * bytesPerSecond,
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
    return fixed(executors, 2) + bytes * Math.max(work, executors / bytesPerSecond);
  }

  /**
   * Returns the seconds of an exchange whose sums executors share: the driver has the bytes of one
   * executor, and each exchanges all of its own but a part with the others, both ways at a time.
   *
   * @param atDriver bytes of the driver, both ways together: of the total, and of the parameters
   * @param ofEach bytes of what each executor has to give to the others and to take from them: of
   *     its sums, and of the parameters
   */
  public double shared(int executors, double atDriver, double ofEach) {
    double hub = driverSecondsPerByte + workerSecondsPerByte / executors;
    double others = (executors - 1.0) / executors;
    return fixed(executors, 4)
        + atDriver * Math.max(hub, 1 / bytesPerSecond)
        + others * ofEach * Math.max(meshSecondsPerByte, 1 / bytesPerSecond);
  }

  private double fixed(int executors, int ways) {
    return roundSeconds + executors * messageSeconds + ways * latencySeconds;
  }
}
