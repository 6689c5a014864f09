// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.train.Wire;

/**
 * The workers of a run in one process, and their one connection to the driver: parameters come
 * once, sums go once. Commands come as messages over the connection that the process opened, so
 * nothing is outstanding while workers wait: Spark's network library closes connections that have
 * been quiet for two minutes with a request on the way.
 */
final class WorkerProcess extends RpcHandler {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
  private static final long REPLY_MILLIS = 30_000;

  /** Those that can be joined; guarded by itself. */
  private static final Map<UUID, WorkerProcess> RUNS = new HashMap<>();

  private final WorkerPlan plan;
  private final HubAddress hub;
  private final float[] params;
  private final StreamManager streams = new OneForOneStreamManager();
  private final Map<Integer, NetworkLink> members = new ConcurrentHashMap<>();

  /** Who answers which command together with whom. */
  private final Map<NetworkLink, ProcessRound> rounds = new ConcurrentHashMap<>();

  private final AtomicInteger nextMember = new AtomicInteger();
  private final LongAdder encoding = new LongAdder();
  private final Transport.Connection connection;
  private final Exchange exchange;

  /** Which parameters there are, counted as they come; for the thread that receives. */
  private long paramsVersion;

  private boolean offered;

  /** Workers that are joining or there; guarded by {@link #RUNS}. */
  private int users;

  private WorkerProcess(WorkerPlan plan, HubAddress hub) throws IOException, InterruptedException {
    this.plan = plan;
    this.hub = hub;
    params = new float[plan.work().parameters()];
    connection = Transport.connect(hub, this);
    exchange = new Exchange(connection.client(), encoding);
    WorkerMetrics.join();
  }

  /**
   * Joins a run.
   *
   * @throws IOException if the driver cannot be reached, or wants none of this worker
   */
  static NetworkLink join(
      WorkerPlan plan, HubAddress hub, int worker, WorkerLink.Cancellation cancellation)
      throws IOException, InterruptedException {
    WorkerProcess process;
    synchronized (RUNS) {
      process = RUNS.get(plan.run());
      if (process == null) {
        process = new WorkerProcess(plan, hub);
        RUNS.put(plan.run(), process);
      }
      process.users++;
    }
    return process.join(worker, cancellation);
  }

  private NetworkLink join(int worker, WorkerLink.Cancellation cancellation) throws IOException {
    int member = nextMember.incrementAndGet();
    NetworkLink link = new NetworkLink(this, plan, member, worker, cancellation);
    members.put(member, link);
    try {
      String refusal = Messages.readText(ask(Messages.hello(plan.run(), member, worker)));
      if (!refusal.isEmpty()) {
        throw new IOException(
            "the driver at " + hub + " refused " + plan.name(worker) + ": " + refusal);
      }
      share();
      return link;
    } catch (IOException | RuntimeException e) {
      members.remove(member);
      release();
      throw e;
    }
  }

  /** Offers shared memory, which a driver on this machine takes. */
  private synchronized void share() throws IOException {
    Optional<Path> folder = Transport.sharedFolder();
    if (folder.isEmpty() || offered) {
      return;
    }
    offered = true;
    SharedMemory memory;
    try {
      memory = SharedMemory.create(folder.get(), Transport.pieceBytes());
    } catch (IOException e) {
      LOG.warn("no memory is shared with the driver: {}", e.toString());
      return;
    }
    try {
      // The driver may use it before its answer is here.
      exchange.readFrom(memory.back());
      if (ask(Messages.share(memory.key())).hasRemaining()) {
        exchange.writeTo(memory.there());
      } else {
        exchange.shareNothing();
      }
    } finally {
      memory.delete(folder.get());
    }
  }

  /** Sends a request and waits for its answer. */
  ByteBuffer ask(ByteBuffer request) throws IOException {
    try {
      return connection.client().sendRpcSync(request, REPLY_MILLIS);
    } catch (RuntimeException e) {
      throw new IOException("the driver at " + hub + " did not answer", e);
    }
  }

  /** A member has carried out its command. */
  void contribute(NetworkLink link, Contribution contribution) {
    ProcessRound round = rounds.remove(link);
    if (round == null) {
      throw new IllegalStateException("nothing is asked of " + plan.name(link.worker));
    }
    send(round.add(link, contribution));
  }

  private void send(ProcessRound.Outgoing outgoing) {
    if (outgoing != null) {
      if (!outgoing.head().sums().isEmpty()) {
        WorkerMetrics.round(outgoing.head().shares());
      }
      exchange.send(Messages.contribution(outgoing.head()), outgoing.floats());
    }
  }

  /** A member is gone. */
  void leave(NetworkLink link) {
    if (members.remove(link.member) == null) {
      return;
    }
    ProcessRound round = rounds.remove(link);
    if (round != null) {
      send(round.leave(link));
    }
    exchange.send(Messages.leave(link.member), List.of());
    release();
  }

  private void release() {
    synchronized (RUNS) {
      if (--users > 0) {
        return;
      }
      RUNS.remove(plan.run(), this);
    }
    WorkerMetrics.leave();
    connection.close();
  }

  /** A command on its way in. */
  private final class Incoming implements StreamCallbackWithID {
    private final Messages.CommandHead head;
    private final FloatDecoder floats;

    Incoming(Messages.CommandHead head) {
      this.head = head;
      Wire wire = plan.wire(head.command());
      List<Iterator<Segment>> parts = new ArrayList<>();
      parts.add(Segment.of(params, head.params(), wire).iterator());
      for (Messages.Call call : head.calls()) {
        if (call.hasStates()) {
          NetworkLink link = members.get(call.member());
          float[] states = link == null ? new float[plan.stateSize(call.worker())] : link.states();
          parts.add(List.of(Segment.of(states, Wire.FP32)).iterator());
        }
      }
      floats = new FloatDecoder(parts);
    }

    void deliver() {
      if (!floats.isComplete()) {
        throw new IllegalStateException("a command without all of its numbers");
      }
      if (head.params().length > 0) {
        paramsVersion++;
      }
      List<NetworkLink> called = new ArrayList<>();
      head.calls().stream().map(c -> members.get(c.member())).forEach(called::add);
      called.removeIf(link -> link == null);
      if (head.command().kind() != Command.Kind.STOP) {
        // All of the contribution before has been sent by now. That of an evaluation has no floats.
        boolean trains = head.command().kind() == Command.Kind.TRAIN;
        long encode = trains ? encoding.sumThenReset() : 0;
        ProcessRound round = new ProcessRound(plan, head.command().round(), called, encode);
        called.forEach(link -> rounds.put(link, round));
      }
      for (Messages.Call call : head.calls()) {
        NetworkLink link = members.get(call.member());
        if (link != null) {
          link.deliver(head.command(), params, paramsVersion, call.hasStates());
        }
      }
    }

    @Override
    public String getID() {
      return "command";
    }

    @Override
    public void onData(String id, ByteBuffer bytes) {
      floats.read(bytes);
    }

    @Override
    public void onComplete(String id) {
      deliver();
    }

    @Override
    public void onFailure(String id, Throwable cause) {
      lose("the driver at " + hub + " sent what cannot be read: " + cause);
    }
  }

  @Override
  public StreamCallbackWithID receiveStream(
      TransportClient from, ByteBuffer header, RpcResponseCallback reply) {
    return begin(Messages.kind(header), header);
  }

  @Override
  public void receive(TransportClient from, ByteBuffer message) {
    try {
      int kind = Messages.kind(message);
      if (!exchange.take(kind, message, m -> begin(Messages.kind(m), m))) {
        begin(kind, message).deliver();
      }
    } catch (RuntimeException e) {
      lose("the driver at " + hub + " sent what cannot be read: " + e);
      from.getChannel().close();
    }
  }

  private Incoming begin(int kind, ByteBuffer message) {
    if (kind != Messages.COMMAND) {
      throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
    }
    return new Incoming(Messages.readCommand(message));
  }

  @Override
  public void receive(TransportClient from, ByteBuffer message, RpcResponseCallback reply) {
    reply.onFailure(new UnsupportedOperationException("a worker answers no requests"));
  }

  @Override
  public void channelInactive(TransportClient from) {
    lose("the connection to the driver at " + hub + " was lost");
  }

  /** Members that come from here on need another connection. */
  private void lose(String reason) {
    synchronized (RUNS) {
      RUNS.remove(plan.run(), this);
    }
    members.values().forEach(link -> link.lose(reason));
  }

  @Override
  public StreamManager getStreamManager() {
    return streams;
  }
}
