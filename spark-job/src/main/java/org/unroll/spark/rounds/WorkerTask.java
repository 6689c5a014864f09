// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.PeakMemory;

/** What a resident worker's Spark task does: from the first command to the last. */
final class WorkerTask implements VoidFunction<Iterator<Integer>> {
  private static final long serialVersionUID = 1L;

  private final WorkerPlan plan;
  private final HubAddress hub;
  private final LargestAccumulator memory;

  WorkerTask(WorkerPlan plan, HubAddress hub, LargestAccumulator memory) {
    this.plan = plan;
    this.hub = hub;
    this.memory = memory;
  }

  @Override
  public void call(Iterator<Integer> workers) throws IOException, InterruptedException {
    int worker = workers.next();
    TaskContext task = TaskContext.get();
    try (WorkerLink link = WorkerLink.open(plan, hub, worker, task::isInterrupted)) {
      work(link, worker, task);
    }
  }

  /**
   * The driver hears of every failure. One that another attempt would meet again ends the task
   * quietly: the driver gives up at once, and Spark has nothing to retry or to print. What a task
   * meets that Spark is killing is nobody's failure.
   */
  private void work(WorkerLink link, int worker, TaskContext task)
      throws IOException, InterruptedException {
    try {
      WorkerShards shards = new WorkerShards(plan, worker);
      for (Command c = link.next(); c.kind() != Command.Kind.STOP; c = link.next()) {
        link.contribute(shards.run(c));
      }
      memory.add(PeakMemory.bytes());
    } catch (InputException e) {
      link.report(true, e.getMessage());
    } catch (RuntimeException | Error e) {
      if (!task.isInterrupted()) {
        tell(link, e);
      }
      throw e;
    }
  }

  private static void tell(WorkerLink link, Throwable failure) {
    try {
      link.report(false, failure.toString());
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
