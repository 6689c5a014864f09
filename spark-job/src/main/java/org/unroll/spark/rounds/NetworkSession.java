// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/** The driver's end of a worker that shares its process's connection with others. */
final class NetworkSession extends Session {
  final int member;

  /** The states of its latest contribution. */
  final float[] states;

  private final NetworkPeer peer;

  NetworkSession(WorkerPlan plan, NetworkPeer peer, int member, int worker) {
    super(worker, peer.holding());
    this.peer = peer;
    this.member = member;
    states = new float[plan.stateSize(worker)];
  }

  @Override
  void deliver(Command command) {
    peer.deliver(this, command);
  }

  @Override
  void flush() {
    peer.flush();
  }

  @Override
  String where() {
    return peer.where();
  }
}
