// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's end of the connections to workers in other processes. */
final class NetworkHub extends RpcHandler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkHub.class);
  private static final ByteBuffer WELCOME = ByteBuffer.allocate(0);

  private final WorkerPlan plan;
  private final RoundHub hub;
  private final StreamManager streams = new OneForOneStreamManager();
  private final Map<TransportClient, NetworkSession> sessions = new ConcurrentHashMap<>();
  private final Transport.Listener listener;
  private final ParamsFrames params = new ParamsFrames(Transport.chunkBytes());

  /** The parameters of a round, encoded once for all workers; used under the hub's lock. */
  static final class ParamsFrames {
    private final Frames frames;
    private long round;
    private List<ByteBuffer> encoded = List.of();

    ParamsFrames(int bytes) {
      frames = new Frames(bytes);
    }

    List<ByteBuffer> of(Command command) {
      if (round != command.round()) {
        encoded = frames.encode(List.of(command.params()));
        round = command.round();
      }
      return encoded;
    }
  }

  /** Starts to listen. */
  NetworkHub(WorkerPlan plan, RoundHub hub) {
    this.plan = plan;
    this.hub = hub;
    listener = Transport.listen(this);
  }

  /** Where workers find it. */
  HubAddress address() {
    return new HubAddress(Transport.driverHost(), listener.server().getPort());
  }

  @Override
  public void receive(TransportClient client, ByteBuffer request, RpcResponseCallback reply) {
    int kind = Messages.kind(request);
    if (kind == Messages.HELLO) {
      welcome(client, Messages.readHello(request), reply);
    } else if (kind == Messages.FAILURE && sessions.containsKey(client)) {
      Messages.Failure failure = Messages.readFailure(request);
      hub.report(sessions.get(client), failure.input(), failure.message());
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
      NetworkSession session = new NetworkSession(plan, hello.worker(), client, params);
      sessions.put(client, session);
      reply.onSuccess(WELCOME.duplicate());
      hub.join(session);
    }
  }

  private static void refuse(TransportClient client, String reason, RpcResponseCallback reply) {
    LOG.warn("refused a worker at {}: {}", client.getSocketAddress(), reason);
    reply.onSuccess(ByteBuffer.wrap(reason.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message) {
    NetworkSession session = sessions.get(client);
    try {
      if (session == null) {
        throw new IllegalStateException("it has not said who it is");
      }
      Contribution contribution = session.read(message);
      if (contribution != null) {
        hub.contribute(session, contribution);
      }
    } catch (RuntimeException e) {
      LOG.warn("closing the connection of {}: {}", client.getSocketAddress(), e.toString());
      client.close();
    }
  }

  @Override
  public void channelInactive(TransportClient client) {
    NetworkSession session = sessions.remove(client);
    if (session != null) {
      hub.leave(session);
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
