// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.unroll.rnn.train.WeightedSum;

/**
 * A worker in another process than its driver. Commands come as one-way messages over the
 * connection that the worker opened, so nothing is outstanding while it waits: Spark's network
 * library closes connections that have been quiet for two minutes with a request on the way.
 */
final class NetworkLink implements WorkerLink {
  private static final long REPLY_MILLIS = 30_000;

  /** Receives commands, in a thread of the network library. */
  private final class Receiver extends RpcHandler {
    private final StreamManager streams = new OneForOneStreamManager();
    private final FrameReader reader = new FrameReader();
    private Command command;

    @Override
    public void receive(TransportClient from, ByteBuffer message) {
      try {
        int kind = Messages.kind(message);
        if (kind == Messages.COMMAND) {
          begin(Messages.readCommand(message));
        } else if (kind == Frames.FLOATS && command != null) {
          reader.read(message);
        } else {
          throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
        }
        if (reader.isComplete()) {
          inbox.put(command);
          command = null;
        }
      } catch (RuntimeException e) {
        inbox.lose("the driver at " + hub + " sent what cannot be read: " + e);
        from.close();
      }
    }

    private void begin(Messages.CommandHead head) {
      List<float[]> floats = new ArrayList<>();
      if (head.hasParams()) {
        floats.add(params);
      }
      if (head.hasStates()) {
        floats.add(states);
      }
      reader.expect(floats);
      command =
          head.command().with(head.hasParams() ? params : null, head.hasStates() ? states : null);
    }

    @Override
    public void receive(TransportClient from, ByteBuffer message, RpcResponseCallback reply) {
      reply.onFailure(new UnsupportedOperationException("a worker answers no requests"));
    }

    @Override
    public void channelInactive(TransportClient from) {
      inbox.lose("the connection to the driver at " + hub + " was lost");
    }

    @Override
    public StreamManager getStreamManager() {
      return streams;
    }
  }

  private final HubAddress hub;
  private final CommandInbox inbox;
  private final float[] params;
  private final float[] states;
  private final Frames frames = new Frames(Transport.chunkBytes());
  private final Transport.Connection connection;

  NetworkLink(WorkerPlan plan, HubAddress hub, int worker, Cancellation cancellation)
      throws IOException, InterruptedException {
    this.hub = hub;
    inbox = new CommandInbox(cancellation);
    params = new float[plan.work().parameters()];
    states = new float[plan.stateSize(worker)];
    connection = Transport.connect(hub, new Receiver());
    try {
      String refusal = Messages.readText(ask(Messages.hello(plan.run(), worker)));
      if (!refusal.isEmpty()) {
        throw new IOException(
            "the driver at " + hub + " refused " + plan.name(worker) + ": " + refusal);
      }
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private ByteBuffer ask(ByteBuffer request) throws IOException {
    try {
      return connection.client().sendRpcSync(request, REPLY_MILLIS);
    } catch (RuntimeException e) {
      throw new IOException("the driver at " + hub + " did not answer", e);
    }
  }

  @Override
  public Command next() throws IOException, InterruptedException {
    return inbox.take();
  }

  @Override
  public void contribute(Contribution contribution) {
    List<float[]> floats = new ArrayList<>();
    contribution.sums().stream().map(WeightedSum::gradient).forEach(floats::add);
    floats.add(contribution.states());
    connection.client().send(Messages.contribution(contribution));
    frames.encode(floats).forEach(connection.client()::send);
  }

  @Override
  public void report(boolean input, String message) throws IOException {
    ask(Messages.failure(input, message));
  }

  @Override
  public void close() {
    connection.close();
  }
}
