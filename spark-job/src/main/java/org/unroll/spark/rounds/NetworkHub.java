// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
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
  private static final ByteBuffer WELCOME = ByteBuffer.allocate(0);

  private final WorkerPlan plan;
  private final RoundHub hub;
  private final ShardTree tree;
  private final LongAdder encoding = new LongAdder();
  private final StreamManager streams = new OneForOneStreamManager();
  private final Map<TransportClient, NetworkPeer> peers = new ConcurrentHashMap<>();
  private final Transport.Listener listener;
  private final int threads;

  /** Starts to listen. */
  NetworkHub(WorkerPlan plan, RoundHub hub) {
    this.plan = plan;
    this.hub = hub;
    tree = plan.slicedTree();
    listener = Transport.listen(this);
    threads = Transport.serverThreads();
  }

  /** Returns where workers find it. */
  Transport.Address address() {
    return new Transport.Address(Transport.driverHost(), listener.server().getPort());
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
    return encoding.sumThenReset() / threads();
  }

  /** Returns the nanoseconds that have been spent adding to the round at work, a thread's mean. */
  long adding() {
    return tree.adding() / threads();
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
      reply.onSuccess(shared ? Messages.wake() : WELCOME.duplicate());
    } else if (kind == Messages.FAILURE && peer != null) {
      peer.fail(Messages.Failure.read(request));
      reply.onSuccess(WELCOME.duplicate());
    } else {
      refuse(client, "request " + Integer.toHexString(kind) + " is not due", reply);
    }
  }

  private void welcome(TransportClient client, Messages.Hello hello, RpcResponseCallback reply) {
    if (hello.version() != Messages.VERSION) {
      String message = "its messages have version %d, but the driver's have version %d";
      refuse(client, String.format(message, hello.version(), Messages.VERSION), reply);
    } else if (!hello.run().equals(plan.run())) {
      refuse(client, "it belongs to run " + hello.run() + ", but this is " + plan.run(), reply);
    } else if (hello.worker() < 0 || hello.worker() >= plan.workers()) {
      refuse(client, "there are " + plan.workers() + " workers", reply);
    } else {
      NetworkPeer peer =
          peers.computeIfAbsent(client, c -> new NetworkPeer(plan, hub, tree, client, encoding));
      reply.onSuccess(WELCOME.duplicate());
      peer.join(hello.member(), hello.worker());
    }
  }

  private static void refuse(TransportClient client, String reason, RpcResponseCallback reply) {
    LOG.warn("refused a worker at {}: {}", client.getSocketAddress(), reason);
    reply.onSuccess(ByteBuffer.wrap(reason.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message) {
    try {
      NetworkPeer peer = peer(client);
      int kind = Messages.kind(message);
      if (kind == Messages.LEAVE) {
        peer.leave(Messages.readLeave(message));
      } else if (!peer.exchange().take(kind, message, m -> begin(client, Messages.kind(m), m))) {
        begin(client, kind, message).deliver();
      }
    } catch (RuntimeException e) {
      Transport.drop(client, e);
    }
  }

  @Override
  public StreamCallbackWithID receiveStream(
      TransportClient client, ByteBuffer header, RpcResponseCallback reply) {
    try {
      return begin(client, Messages.kind(header), header);
    } catch (RuntimeException e) {
      Transport.drop(client, e);
      throw e;
    }
  }

  private Exchange.Body begin(TransportClient client, int kind, ByteBuffer message) {
    NetworkPeer peer = peer(client);
    if (kind != Messages.CONTRIBUTION) {
      throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
    }
    Contribution.Message contribution = Contribution.Message.read(message);
    return new Exchange.Body(
        peer.decoder(contribution),
        () -> peer.contribute(contribution),
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
      peer.leave();
    }
  }

  @Override
  public StreamManager getStreamManager() {
    return streams;
  }

  @Override
  public void close() {
    listener.close();
  }
}
