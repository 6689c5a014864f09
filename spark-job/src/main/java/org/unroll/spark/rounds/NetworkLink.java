// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;

/** A worker in another process than its driver; a member of its {@link WorkerProcess}. */
final class NetworkLink implements WorkerLink {
  final int member;
  final int worker;

  private final WorkerProcess process;
  private final CommandInbox inbox;
  private final float[] states;

  /** Which of the process's parameters this worker has; for the thread that delivers. */
  private long paramsVersion;

  NetworkLink(
      WorkerProcess process, WorkerPlan plan, int member, int worker, Cancellation cancellation) {
    this.process = process;
    this.member = member;
    this.worker = worker;
    inbox = new CommandInbox(cancellation);
    states = new float[plan.stateSize(worker)];
  }

  /** Where the states of a command go. */
  float[] states() {
    return states;
  }

  /**
   * Takes a command.
   *
   * @param params the process's
   * @param version which they are
   */
  void deliver(Command command, float[] params, long version, boolean hasStates) {
    float[] changed = paramsVersion == version ? null : params;
    paramsVersion = version;
    inbox.put(command.with(changed, command.changed(), hasStates ? states : null));
  }

  /** No command will come any more. */
  void lose(String reason) {
    inbox.lose(reason);
  }

  @Override
  public Command next() throws IOException, InterruptedException {
    return inbox.take();
  }

  @Override
  public void contribute(Contribution contribution) {
    process.contribute(this, contribution);
  }

  @Override
  public void report(boolean input, String message) throws IOException {
    process.ask(Messages.failure(member, input, message));
  }

  @Override
  public void close() {
    process.leave(this);
  }
}
