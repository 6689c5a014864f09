// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;

/** A worker's end of the exchange with the driver. */
sealed interface WorkerLink extends AutoCloseable permits LocalLink, NetworkLink {

  /**
   * Joins a run: by reference if its driver is in this process, otherwise over the network.
   *
   * @param hub where the driver listens, or null if it does not
   * @throws IOException if the driver cannot be reached, or wants none of this worker
   */
  static WorkerLink open(WorkerPlan plan, HubAddress hub, int worker, Cancellation cancellation)
      throws IOException, InterruptedException {
    RoundHub here = LocalLink.find(plan.run());
    if (here != null) {
      return new LocalLink(here, worker, cancellation);
    }
    if (hub == null) {
      throw new IOException(
          "the driver of run "
              + plan.run()
              + " is in this process, but its rounds are over or its classes were loaded twice");
    }
    return WorkerProcess.join(plan, hub, worker, cancellation);
  }

  /** Whether the task was told to end. */
  @FunctionalInterface
  interface Cancellation {
    boolean isCancelled();
  }

  /**
   * Waits for the next command. Its arrays are valid until the contribution.
   *
   * @throws IOException if the driver is lost
   * @throws InterruptedException if the task was cancelled
   */
  Command next() throws IOException, InterruptedException;

  /** Answers the command; the arrays must stay as they are until the next. */
  void contribute(Contribution contribution);

  /**
   * Tells the driver why this worker cannot go on.
   *
   * @param input whether the data are to blame, so that another attempt would fail in the same way
   * @throws IOException if the driver does not hear it
   */
  void report(boolean input, String message) throws IOException;

  @Override
  void close();
}
