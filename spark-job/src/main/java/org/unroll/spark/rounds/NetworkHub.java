// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.train.ShardTree;

/**
 * The driver's end of the connections to workers in other processes. Sums are added while they
 * arrive, by the threads that read them.
 */
final class NetworkHub extends RpcHandler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkHub.class);

  private final WorkerPlan plan;
  private final RoundHub hub;
  private final ShardTree tree;
  private final Exchange.Meter meter = new Exchange.Meter();
  private final StreamManager streams = new OneForOneStreamManager();
  private final Map<TransportClient, NetworkPeer> peers = new ConcurrentHashMap<>();
  private final Transport.Listener listener;
  private final int threads;

  /** The address that workers know the driver by. */
  private final String host = Transport.driverHost();

  /** The slowest link of the round at work; guarded by this. */
  private LinkTime slowest = LinkTime.NONE;

  /** Where processes of this machine share memory, if they do. */
  private final Optional<Path> shared = Transport.sharedFolder();

  /** The driver's end of a worker of another process. */
  private final class Member extends Session {
    /** Its number in the process. */
    final int number;

    /** The states of its latest contribution. */
    final List<float[]> states;

    Member(int number, int worker, NetworkPeer peer) {
      super(worker, peer);
      this.number = number;
      states = plan.newStates(worker);
    }
  }

  /**
   * A peer is the driver's end of the connection to a process of workers: it sends them one command
   * together, and takes what they contribute together.
   */
  private final class NetworkPeer extends Session.Peer {
    private final TransportClient client;
    private final Exchange exchange;
    private final Transport.Address address;
    private final Map<Integer, Member> members = new ConcurrentHashMap<>();

    /** The calls that are to be sent together; guarded by the hub's lock, as delivery is. */
    private final List<Command.Call> calls = new ArrayList<>();

    private final List<float[]> states = new ArrayList<>();
    private Command command;
    private int[] changed = Runs.NONE;

    /** Who adds the sums of the round at work. */
    private Owners owners = Owners.NONE;

    private NetworkPeer(TransportClient client, Transport.Address address) {
      this.client = client;
      this.address = address;
      exchange = new Exchange(client, meter);
    }

    @Override
    Transport.Address address() {
      return address;
    }

    @Override
    boolean isNear() {
      return shared.isPresent()
          && client.getChannel().remoteAddress() instanceof InetSocketAddress there
          && client.getChannel().localAddress() instanceof InetSocketAddress here
          && there.getAddress().equals(here.getAddress());
    }

    @Override
    String where() {
      return client.getSocketAddress() instanceof InetSocketAddress address
          ? address.getHostString()
          : String.valueOf(client.getSocketAddress());
    }

    /** Uses memory that the process made, if it is there; called by the connection's thread. */
    boolean share(SharedMemory.Key key) {
      return shared.isPresent() && exchange.takeMemory(shared.get(), key);
    }

    void join(int number, int worker) {
      Member member = new Member(number, worker, this);
      members.put(number, member);
      hub.join(member);
    }

    void leave(int number) {
      Member member = members.remove(number);
      if (member != null) {
        hub.leave(member);
      }
    }

    void fail(Messages.Failure failure) {
      Member member = members.get(failure.member());
      if (member != null) {
        hub.report(member, failure.input(), failure.text());
      }
    }

    @Override
    void share(Owners told) {
      owners = told;
    }

    @Override
    void recall(Command again, int[] lacking) {
      flush();
      owners = Owners.NONE;
      exchange.send(
          new Command.Message(again, List.of(), owners, lacking).write(),
          Segment.of(again.params(), lacking, plan.wire(again)));
    }

    @Override
    void deliver(Session session, Command next) {
      if (command != null && (command.kind() != next.kind() || command.round() != next.round())) {
        flush();
      }
      command = next.params() == null && command != null ? command : next;
      if (next.params() != null) {
        changed = next.changed();
      }
      calls.add(new Command.Call(((Member) session).number, session.worker, next.states() != null));
      if (next.states() != null) {
        states.addAll(next.states());
      }
    }

    @Override
    void flush() {
      if (command == null) {
        return;
      }
      int[] own = owners.share() ? Runs.within(changed, owners.span()) : changed;
      List<Segment> floats = new ArrayList<>();
      if (own.length > 0) {
        floats.addAll(Segment.of(command.params(), own, plan.wire(command)));
      }
      floats.addAll(Segment.of(states));
      exchange.send(new Command.Message(command, List.copyOf(calls), owners, own).write(), floats);
      calls.clear();
      states.clear();
      command = null;
      changed = Runs.NONE;
      owners = Owners.NONE;
    }

    /** Returns where states go: one that has left may still have a part in what came. */
    private List<float[]> states(Contribution.Share share) {
      Member member = members.get(share.member());
      return member == null ? plan.newStates(share.worker()) : member.states;
    }

    /** Counts a contribution that has come whole. */
    void contribute(Contribution.Message message) {
      boolean apart = message.span().size() == 0;
      if (message.shares().isEmpty()) {
        took(message.link());
        hub.total(this, message.round());
      }
      for (Contribution.Share share : message.shares()) {
        Member member = members.get(share.member());
        if (member != null) {
          List<float[]> own = message.sums().isEmpty() ? List.of() : member.states;
          Contribution whole = new Contribution(message.round(), share, List.of(), own);
          if (apart) {
            hub.hold(member, whole);
          } else {
            hub.contribute(member, whole);
          }
        }
      }
    }
  }

  NetworkHub(WorkerPlan plan, RoundHub hub) {
    this.plan = plan;
    this.hub = hub;
    tree = plan.slicedTree();
    listener = Transport.listen(this);
    threads = Transport.serverThreads();
  }

  Transport.Address address() {
    return new Transport.Address(host, listener.server().getPort());
  }

  /** Returns the sums of the round at work; a round is begun here before it is in the hub. */
  ShardTree tree() {
    return tree;
  }

  /**
   * Returns the nanoseconds that it took to encode what was sent since the call before, a thread's
   * mean: the threads of the connections work at the same time.
   */
  long takeEncoding() {
    return meter.encoding.sumThenReset() / threads();
  }

  /** Returns the nanoseconds that have been spent adding to the round at work, a thread's mean. */
  long adding() {
    return tree.adding() / threads();
  }

  /** Returns the bytes that came and went since the call before. */
  Traffic takeTraffic() {
    return new Traffic(meter.in.sumThenReset(), meter.out.sumThenReset());
  }

  private synchronized void took(LinkTime time) {
    slowest = slowest.orSlower(time);
  }

  /** Returns the slowest link since the call before. */
  synchronized LinkTime takeSlowest() {
    LinkTime taken = slowest;
    slowest = LinkTime.NONE;
    return taken;
  }

  /** Returns the threads at work: as many as there are, or as have a connection. */
  private int threads() {
    return Math.max(1, Math.min(threads, peers.size()));
  }

  @Override
  public void receive(TransportClient client, ByteBuffer request, RpcResponseCallback reply) {
    int kind = Messages.kind(request);
    NetworkPeer peer = peers.get(client);
    if (kind == Messages.HELLO) {
      welcome(client, Messages.Hello.read(request), reply);
    } else if (kind == Messages.SHARE && peer != null) {
      boolean shared = peer.share(Messages.readShare(request));
      reply.onSuccess(Messages.shared(shared));
    } else if (kind == Messages.FAILURE && peer != null) {
      peer.fail(Messages.Failure.read(request));
      reply.onSuccess(Messages.text(""));
    } else {
      refuse(client, Messages.notDue(kind), reply);
    }
  }

  private void welcome(TransportClient client, Messages.Hello hello, RpcResponseCallback reply) {
    String refusal = hello.refusal(plan.run());
    if (!refusal.isEmpty()) {
      refuse(client, refusal, reply);
    } else if (hello.worker() < 0 || hello.worker() >= plan.workers()) {
      refuse(client, "there are " + plan.workers() + " workers", reply);
    } else {
      NetworkPeer peer =
          peers.computeIfAbsent(client, key -> new NetworkPeer(key, hello.address()));
      reply.onSuccess(Messages.text(""));
      peer.join(hello.member(), hello.worker());
    }
  }

  private static void refuse(TransportClient client, String reason, RpcResponseCallback reply) {
    LOG.warn("refused a worker at {}: {}", client.getSocketAddress(), reason);
    reply.onSuccess(Messages.text(reason));
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message) {
    try {
      NetworkPeer peer = peer(client);
      int kind = Messages.kind(message);
      if (kind == Messages.LEAVE) {
        peer.leave(message.getInt());
      } else if (kind == Messages.BROKEN) {
        Messages.Broken broken = Messages.Broken.read(message);
        hub.broken(broken.round(), broken.text());
      } else {
        peer.exchange.take(kind, message, (other, rest) -> begin(client, other, rest));
      }
    } catch (RuntimeException e) {
      Transport.drop(client, e);
    }
  }

  @Override
  public StreamCallbackWithID receiveStream(
      TransportClient client, ByteBuffer header, RpcResponseCallback reply) {
    return begin(client, Messages.kind(header), header);
  }

  private Exchange.Body begin(TransportClient client, int kind, ByteBuffer message) {
    NetworkPeer peer = peer(client);
    if (kind != Messages.CONTRIBUTION) {
      throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
    }
    long start = System.nanoTime();
    meter.in.add(message.remaining());
    Contribution.Message contribution = Contribution.Message.read(message);
    return new Exchange.Body(
        contribution.decoder(plan, tree, 0, peer::states),
        meter,
        () -> {
          took(new LinkTime(peer.where(), host, System.nanoTime() - start));
          peer.contribute(contribution);
        },
        cause -> Transport.drop(client, cause));
  }

  private NetworkPeer peer(TransportClient client) {
    NetworkPeer peer = peers.get(client);
    if (peer == null) {
      throw new IllegalStateException("it has not said who it is");
    }
    return peer;
  }

  @Override
  public void channelInactive(TransportClient client) {
    NetworkPeer peer = peers.remove(client);
    if (peer != null) {
      List.copyOf(peer.members.keySet()).forEach(peer::leave);
    }
  }

  @Override
  public StreamManager getStreamManager() {
    return streams;
  }

  @Override
  public void close() {
    listener.close();
    shared.ifPresent(SharedMemory::sweep);
  }
}
