// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Commands on their way to a worker's thread. */
final class CommandInbox {
  private static final long CHECK_MILLIS = 500;

  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final WorkerLink.Cancellation cancellation;
  private volatile String lost;

  CommandInbox(WorkerLink.Cancellation cancellation) {
    this.cancellation = cancellation;
  }

  void put(Command command) {
    commands.add(command);
  }

  /** No command will come any more. */
  void lose(String reason) {
    lost = reason;
  }

  /** As {@link WorkerLink#next}. */
  Command take() throws IOException, InterruptedException {
    while (true) {
      Command command = commands.poll(CHECK_MILLIS, TimeUnit.MILLISECONDS);
      if (command != null) {
        return command;
      }
      if (cancellation.isCancelled()) {
        throw new InterruptedException("the task was cancelled");
      }
      if (lost != null) {
        throw new IOException(lost);
      }
    }
  }
}
