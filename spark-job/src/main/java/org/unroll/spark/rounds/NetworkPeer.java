// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.client.TransportClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Wire;

/**
 * A peer is the driver's end of the connection to a process of workers: it sends them one command
 * together, and takes what they contribute together.
 */
final class NetworkPeer {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkPeer.class);

  private final WorkerPlan plan;
  private final RoundHub hub;
  private final ShardTree tree;
  private final TransportClient client;
  private final Exchange exchange;
  private final Session.Params params = new Session.Params();
  private final Map<Integer, Member> members = new ConcurrentHashMap<>();

  /** The calls that are to be sent together; guarded by the hub's lock, as delivery is. */
  private final List<Command.Call> calls = new ArrayList<>();

  private final List<float[]> states = new ArrayList<>();
  private Command command;
  private int[] changed = Runs.NONE;

  /**
   * Makes a peer without workers.
   *
   * @param encoding takes the nanoseconds that numbers take to become bytes
   */
  NetworkPeer(
      WorkerPlan plan, RoundHub hub, ShardTree tree, TransportClient client, LongAdder encoding) {
    this.plan = plan;
    this.hub = hub;
    this.tree = tree;
    this.client = client;
    exchange = new Exchange(client, encoding);
  }

  /** The driver's end of a worker of the process. */
  private final class Member extends Session {
    final int member;

    /** The states of its latest contribution. */
    final float[] states;

    Member(int member, int worker) {
      super(worker, NetworkPeer.this.params);
      this.member = member;
      states = new float[plan.stateSize(worker)];
    }

    @Override
    void deliver(Command command) {
      NetworkPeer.this.deliver(this, command);
    }

    @Override
    void flush() {
      NetworkPeer.this.flush();
    }

    @Override
    String where() {
      return NetworkPeer.this.where();
    }
  }

  private String where() {
    return client.getSocketAddress() instanceof InetSocketAddress address
        ? address.getHostString()
        : String.valueOf(client.getSocketAddress());
  }

  /** Returns what carries messages to the process and from it. */
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

  /** Takes a worker of the process that is there. */
  void join(int number, int worker) {
    Member member = new Member(number, worker);
    members.put(number, member);
    hub.join(member);
  }

  /** Takes leave of a worker of the process. */
  void leave(int number) {
    Member member = members.remove(number);
    if (member != null) {
      hub.leave(member);
    }
  }

  /** Takes leave of the process with all its workers. */
  void leave() {
    List.copyOf(members.keySet()).forEach(this::leave);
  }

  /** Takes the last words of a worker that cannot go on. */
  void fail(Messages.Failure failure) {
    Member member = members.get(failure.member());
    if (member != null) {
      hub.report(member, failure.input(), failure.text());
    }
  }

  /** Takes a command for one of the workers, under the hub's lock. */
  private void deliver(Member member, Command next) {
    if (command != null && (command.kind() != next.kind() || command.round() != next.round())) {
      flush();
    }
    command = next.params() == null && command != null ? command : next;
    if (next.params() != null) {
      changed = next.changed();
    }
    calls.add(new Command.Call(member.member, member.worker, next.states() != null));
    if (next.states() != null) {
      states.add(next.states());
    }
  }

  /** Sends what was delivered. */
  private void flush() {
    if (command == null) {
      return;
    }
    List<Segment> floats = new ArrayList<>();
    if (changed.length > 0) {
      floats.addAll(Segment.of(command.params(), changed, plan.wire(command)));
    }
    states.forEach(state -> floats.add(Segment.of(state, Wire.FP32)));
    exchange.send(new Command.Message(command, List.copyOf(calls), changed).write(), floats);
    calls.clear();
    states.clear();
    command = null;
    changed = Runs.NONE;
  }

  /**
   * Returns what takes the floats of a contribution.
   *
   * @throws RuntimeException if it is none that the plan allows
   */
  Segment.Decoder decoder(Contribution.Message message) {
    return message.decoder(plan, tree, this::states);
  }

  /** Returns where states go: one that has left may still have a part in what came. */
  private float[] states(Contribution.Share share) {
    Member member = members.get(share.member());
    return member == null ? new float[plan.stateSize(share.worker())] : member.states;
  }

  /** Counts a contribution that has come whole. */
  void contribute(Contribution.Message message) {
    for (Contribution.Share share : message.shares()) {
      Member member = members.get(share.member());
      if (member != null) {
        float[] own = message.sums().isEmpty() ? Contribution.NO_STATES : member.states;
        hub.contribute(
            member,
            new Contribution(message.round(), List.of(), share.parts(), own, share.times()));
      }
    }
  }
}
