// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A worker in the driver's own process, as in {@code local[N]}: arrays are handed over as they are.
 */
final class LocalLink implements WorkerLink {
  private static final Map<UUID, RoundHub> HUBS = new ConcurrentHashMap<>();

  /** The driver's end. */
  private static final class LocalSession extends Session {
    private final CommandInbox inbox;

    LocalSession(int worker, CommandInbox inbox) {
      super(worker, new Holding());
      this.inbox = inbox;
    }

    @Override
    void deliver(Command command) {
      inbox.put(command);
    }

    @Override
    void flush() {}

    @Override
    String where() {
      return "the driver's machine";
    }
  }

  private final RoundHub hub;
  private final CommandInbox inbox;
  private final Session session;

  /** Lets the workers of this process find a run. */
  static void register(UUID run, RoundHub hub) {
    HUBS.put(run, hub);
  }

  static void unregister(UUID run) {
    HUBS.remove(run);
  }

  /** The hub of a run if its driver is in this process, otherwise null. */
  static RoundHub find(UUID run) {
    return HUBS.get(run);
  }

  LocalLink(RoundHub hub, int worker, Cancellation cancellation) {
    this.hub = hub;
    inbox = new CommandInbox(cancellation);
    session = new LocalSession(worker, inbox);
    hub.join(session);
  }

  @Override
  public Command next() throws IOException, InterruptedException {
    return inbox.take();
  }

  @Override
  public void contribute(Contribution contribution) {
    hub.contribute(session, contribution);
  }

  @Override
  public void report(boolean input, String message) {
    hub.report(session, input, message);
  }

  @Override
  public void close() {
    hub.leave(session);
  }
}
