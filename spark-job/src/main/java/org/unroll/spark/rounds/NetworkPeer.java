// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.client.TransportClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.SlicedTree;
import org.unroll.rnn.train.Wire;

/**
 * The driver's end of the connection to a process of workers: sends them one command together, and
 * reads what they contribute together.
 */
final class NetworkPeer {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkPeer.class);

  /** A contribution on its way in. */
  record Incoming(Messages.ContributionHead head, FloatDecoder floats) {}

  private final WorkerPlan plan;
  private final RoundHub hub;
  private final SlicedTree tree;
  private final TransportClient client;
  private final Exchange exchange;
  private final Session.Holding holding = new Session.Holding();
  private final Map<Integer, NetworkSession> members = new ConcurrentHashMap<>();

  /** What is to be sent together; guarded by the hub's lock, as delivery is. */
  private final List<Messages.Call> calls = new ArrayList<>();

  private final List<float[]> states = new ArrayList<>();
  private Command command;
  private int[] changed = Runs.NONE;

  /**
   * @param encoding takes the nanoseconds that numbers take to become bytes
   */
  NetworkPeer(
      WorkerPlan plan, RoundHub hub, SlicedTree tree, TransportClient client, LongAdder encoding) {
    this.plan = plan;
    this.hub = hub;
    this.tree = tree;
    this.client = client;
    exchange = new Exchange(client, encoding);
  }

  Session.Holding holding() {
    return holding;
  }

  String where() {
    return client.getSocketAddress() instanceof InetSocketAddress address
        ? address.getHostString()
        : String.valueOf(client.getSocketAddress());
  }

  /** What goes to the process and comes from it. */
  Exchange exchange() {
    return exchange;
  }

  /** Uses memory that the process made, if it is there; called by the connection's thread. */
  boolean share(SharedMemory.Key key) {
    Optional<Path> folder = Transport.sharedFolder();
    if (folder.isEmpty() || exchange.reads()) {
      return false;
    }
    try {
      SharedMemory memory = SharedMemory.open(folder.get(), key);
      exchange.readFrom(memory.there());
      exchange.writeTo(memory.back());
      return true;
    } catch (IOException e) {
      LOG.debug("{} is on another machine: {}", where(), e.toString());
      return false;
    }
  }

  /** A worker of the process is there. */
  void join(int member, int worker) {
    NetworkSession session = new NetworkSession(plan, this, member, worker);
    members.put(member, session);
    hub.join(session);
  }

  /** A worker of the process is gone. */
  void leave(int member) {
    NetworkSession session = members.remove(member);
    if (session != null) {
      hub.leave(session);
    }
  }

  /** The process is gone. */
  void leave() {
    List.copyOf(members.keySet()).forEach(this::leave);
  }

  /** A worker cannot go on. */
  void fail(Messages.Failure failure) {
    NetworkSession session = members.get(failure.member());
    if (session != null) {
      hub.report(session, failure.input(), failure.message());
    }
  }

  /** Takes a command for one of the workers, under the hub's lock. */
  void deliver(NetworkSession session, Command next) {
    if (command != null && (command.kind() != next.kind() || command.round() != next.round())) {
      flush();
    }
    command = next.params() == null && command != null ? command : next;
    if (next.params() != null) {
      changed = next.changed();
    }
    calls.add(new Messages.Call(session.member, session.worker, next.states() != null));
    if (next.states() != null) {
      states.add(next.states());
    }
  }

  /** Sends what was delivered. */
  void flush() {
    if (command == null) {
      return;
    }
    List<Segment> floats = new ArrayList<>();
    if (changed.length > 0) {
      floats.addAll(Segment.of(command.params(), changed, plan.wire(command)));
    }
    states.forEach(state -> floats.add(Segment.of(state, Wire.FP32)));
    Messages.CommandHead head = new Messages.CommandHead(command, List.copyOf(calls), changed);
    exchange.send(Messages.command(head), floats);
    calls.clear();
    states.clear();
    command = null;
    changed = Runs.NONE;
  }

  /**
   * Reads the head of a contribution.
   *
   * @throws RuntimeException if it is none that the plan allows
   */
  Incoming begin(Messages.ContributionHead head) {
    List<Iterator<Segment>> floats = new ArrayList<>();
    for (Messages.NodeSum sum : head.sums()) {
      int[] runs = Runs.require(sum.runs(), tree.size());
      tree.add(head.round(), sum.node(), sum.loss());
      floats.add(new IncomingSum(tree, head.round(), sum.node(), runs, plan.wire(sum.node())));
    }
    int shards = 0;
    for (Messages.Share share : head.shares()) {
      if (!head.sums().isEmpty()) {
        floats.add(List.of(Segment.of(states(share), Wire.FP32)).iterator());
      }
      shards += plan.shards(share.worker());
    }
    if (head.sums().isEmpty() && head.evaluations().size() != shards) {
      throw new IllegalStateException(
          "it sent " + head.evaluations().size() + " evaluations instead of " + shards);
    }
    return new Incoming(head, new FloatDecoder(floats));
  }

  /** Where the states of a worker go: one that has left may still have a part in what came. */
  private float[] states(Messages.Share share) {
    NetworkSession session = members.get(share.member());
    return session == null ? new float[plan.stateSize(share.worker())] : session.states;
  }

  /**
   * Counts a contribution that has come whole.
   *
   * @throws IllegalStateException if it has not
   */
  void end(Incoming incoming) {
    if (!incoming.floats().isComplete()) {
      throw new IllegalStateException("a contribution came without all of its numbers");
    }
    Messages.ContributionHead head = incoming.head();
    int first = 0;
    for (Messages.Share share : head.shares()) {
      int shards = plan.shards(share.worker());
      List<Evaluation> evaluations =
          head.sums().isEmpty() ? head.evaluations().subList(first, first + shards) : List.of();
      first += shards;
      NetworkSession session = members.get(share.member());
      if (session != null) {
        float[] own = head.sums().isEmpty() ? Contribution.NO_STATES : session.states;
        hub.contribute(
            session, new Contribution(head.round(), List.of(), evaluations, own, share.times()));
      }
    }
  }
}
