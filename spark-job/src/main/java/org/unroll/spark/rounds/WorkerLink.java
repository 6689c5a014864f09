// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A link is a worker's end of the exchange with the driver. */
abstract class WorkerLink implements AutoCloseable {
  private static final long CHECK_MILLIS = 500;

  final int worker;
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private volatile String lost;

  WorkerLink(int worker) {
    this.worker = worker;
  }

  /**
   * Joins a run: by reference if its driver is in this process, otherwise over the network.
   *
   * @param driver where it listens, or null if it does not
   * @throws IOException if the driver cannot be reached, or wants none of this worker
   */
  static WorkerLink open(WorkerPlan plan, Transport.Address driver, int worker)
      throws IOException, InterruptedException {
    RoundHub here = Local.HUBS.get(plan.run());
    if (here != null) {
      return new Local(here, worker);
    }
    if (driver == null) {
      throw new IOException(
          ("the driver of run %s is in this process, but its rounds are over or its classes were"
                  + " loaded twice")
              .formatted(plan.run()));
    }
    return WorkerProcess.join(plan, driver, worker);
  }

  /**
   * The link of a worker in the driver's own process, as in {@code local[N]}: arrays are handed
   * over as they are.
   */
  static final class Local extends WorkerLink {
    /** The hubs of the runs whose driver is in this process. */
    static final Map<UUID, RoundHub> HUBS = new ConcurrentHashMap<>();

    private final RoundHub hub;
    private final Session session;

    Local(RoundHub hub, int worker) {
      super(worker);
      this.hub = hub;
      session = new Session(worker, new DriversOwn());
      hub.join(session);
    }

    /** The driver's own process, as far as this worker goes. */
    private final class DriversOwn extends Session.Peer {
      @Override
      void deliver(Session session, Command command) {
        put(command);
      }

      @Override
      String where() {
        return "the driver's machine";
      }
    }

    @Override
    void contribute(Contribution contribution) {
      hub.contribute(session, contribution);
    }

    @Override
    void report(boolean input, String message) {
      hub.report(session, input, message);
    }

    @Override
    public void close() {
      hub.leave(session);
    }
  }

  /** Hands a command to the worker's thread. */
  final void put(Command command) {
    commands.add(command);
  }

  /** Says that no command will come any more. */
  final void lose(String reason) {
    lost = reason;
  }

  /**
   * Waits for the next command. Its arrays are valid until the contribution.
   *
   * @param cancelled whether the task was told to end
   * @throws IOException if the driver is lost
   * @throws InterruptedException if the task was cancelled
   */
  final Command next(BooleanSupplier cancelled) throws IOException, InterruptedException {
    while (true) {
      Command command = commands.poll(CHECK_MILLIS, TimeUnit.MILLISECONDS);
      if (command != null) {
        return command;
      }
      if (cancelled.getAsBoolean()) {
        throw new InterruptedException("the task was cancelled");
      }
      if (lost != null) {
        throw new IOException(lost);
      }
    }
  }

  /** Answers the command; the arrays must stay as they are until the next. */
  abstract void contribute(Contribution contribution);

  /**
   * Tells the driver why this worker cannot go on; see {@link RoundHub#report}.
   *
   * @throws IOException if the driver does not hear it
   */
  abstract void report(boolean input, String message) throws IOException;

  @Override
  public abstract void close();
}
