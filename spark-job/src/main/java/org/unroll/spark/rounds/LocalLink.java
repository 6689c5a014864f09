// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The link of a worker in the driver's own process, as in {@code local[N]}: arrays are handed over
 * as they are.
 */
final class LocalLink extends WorkerLink {
  /** The hubs of the runs whose driver is in this process. */
  static final Map<UUID, RoundHub> HUBS = new ConcurrentHashMap<>();

  private final RoundHub hub;
  private final Session session;

  LocalLink(RoundHub hub, int worker) {
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
    void flush() {}

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
