// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;

/**
 * The mesh is an executor's end of the connections to the others, for rounds whose sums executors
 * share: each owns a {@link Span} of the positions. Of its own span it passes the new parameters
 * on, takes what the others have there, adds it along the canonical tree ({@link SpanRounds}), and
 * has the total ready for the driver; of the others' it takes the parameters, and sends what it has
 * to their owners. A connection carries numbers one way, from who opened it.
 */
final class Mesh extends RpcHandler implements AutoCloseable {
  private static final long REPLY_MILLIS = 30_000;

  /** The process of a mesh, and what it does with what comes. */
  interface Home {
    /** Takes that more of a round's parameters have come. */
    void passed();

    /** Sends the total of the own span to the driver. */
    void total(JointContribution.Outgoing total);

    /** Tells the driver that a round cannot be finished like this. */
    void broken(long round, String reason);
  }

  private final WorkerPlan plan;
  private final float[] params;
  private final SpanRounds rounds;
  private final Home home;
  private final Exchange.Meter meter = new Exchange.Meter();
  private final StreamManager streams = new OneForOneStreamManager();
  private final Transport.Listener listener;
  private final Transport.Connector connector;
  private final Transport.Address address;

  /** What has said who it is, and what was opened from here; by the client of Spark's library. */
  private final Map<TransportClient, End> ends = new ConcurrentHashMap<>();

  /** The connections that were opened from here. */
  private final Map<Transport.Address, End> open = new ConcurrentHashMap<>();

  /** Opens connections, which takes its time, and sends in the order given. */
  private final ExecutorService outbox =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "unroll-mesh");
            thread.setDaemon(true);
            return thread;
          });

  private volatile boolean closed;

  /** One end of a connection, and the machine at the other. */
  private record End(Exchange exchange, Transport.Address other) {}

  /**
   * Listens for the others.
   *
   * @param params of the process, into which others write their spans
   * @throws IOException if this executor cannot listen
   */
  Mesh(WorkerPlan plan, float[] params, Home home) throws IOException {
    this.plan = plan;
    this.params = params;
    this.home = home;
    rounds = new SpanRounds(plan, params);
    try {
      listener = Transport.listenOnExecutor(this);
    } catch (Exception e) { // of any kind: Netty throws what it was not declared to
      throw new IOException("this executor cannot listen for others: " + e.getMessage(), e);
    }
    connector = Transport.connector(this);
    address = new Transport.Address(Transport.executorHost(), listener.server().getPort());
  }

  Transport.Address address() {
    return address;
  }

  /** Returns the nanoseconds that the sums of the last total took to add, a thread's mean. */
  long adding() {
    return rounds.adding() / Math.max(1, Math.min(Transport.serverThreads(), ends.size()));
  }

  /** Returns the nanoseconds that numbers took to become bytes since the call before. */
  long takeEncoding() {
    return meter.encoding.sumThenReset();
  }

  /** Forgets all rounds before this one, of which nothing is written any more from here on. */
  void begin(long round) {
    rounds.turn(round);
  }

  /** Takes how long something of a round was on its way from the driver. */
  void took(long round, LinkTime time) {
    SpanRounds.Turn turn = rounds.turn(round);
    if (turn != null) {
      turn.took(time);
    }
  }

  /** Returns how many spans of a round's parameters others have passed on so far. */
  int passed(long round) {
    SpanRounds.Turn turn = rounds.turn(round);
    return turn == null ? 0 : turn.passes();
  }

  /** Passes the new parameters of the own span on to all others that take part. */
  void pass(Command.Message message) {
    Owners owners = message.owners();
    if (!owners.pass() || owners.span().size() == 0) {
      return;
    }
    Command command = message.command();
    Command.Message passed =
        new Command.Message(command, List.of(), message.owners(), message.changed());
    List<Segment> floats = Segment.of(params, message.changed(), plan.wire(command));
    for (Owners.Owner other : owners.all()) {
      if (!other.address().equals(address)) {
        send(command.round(), other.address(), passed.write(), floats);
      }
    }
  }

  /** Sends everybody's part of a contribution to its owner, and adds the own. */
  void spread(long round, Owners owners, JointContribution contribution) {
    int n = owners.all().size();
    // Everybody begins with another, so that no link has all of them at a time.
    for (int i = 1; i <= n; i++) {
      int to = Math.floorMod(owners.self() + i, n);
      Owners.Owner owner = owners.all().get(to);
      if (owner.span().size() == 0) {
        continue;
      }
      JointContribution.Outgoing part = contribution.part(owner.span());
      if (to == owners.self()) {
        addOwn(round, part);
      } else {
        send(round, owner.address(), part.message().write(), part.floats());
      }
    }
  }

  private void addOwn(long round, JointContribution.Outgoing part) {
    SpanRounds.Turn turn = rounds.turn(round);
    if (turn != null) {
      Segment.copy(part.floats(), rounds.sums(part.message(), turn));
      finish(turn, part.message().span());
    }
  }

  /** Gives the total to the driver once all have come. */
  private void finish(SpanRounds.Turn turn, Span span) {
    JointContribution.Outgoing total = rounds.total(turn, span);
    if (total != null) {
      home.total(total);
    }
  }

  private void send(long round, Transport.Address to, ByteBuffer message, List<Segment> floats) {
    if (closed) {
      return;
    }
    outbox.execute(
        () -> {
          try {
            connection(to).exchange().send(message, floats);
          } catch (IOException | RuntimeException e) {
            broken(round, to, e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void broken(long round, Transport.Address other, String reason) {
    if (!closed) {
      home.broken(
          round,
          "the executor at %s cannot reach the one at %s (%s)"
              .formatted(address.host(), other, reason));
    }
  }

  private End connection(Transport.Address to) throws IOException, InterruptedException {
    End end = open.get(to);
    if (end != null) {
      return end;
    }
    TransportClient client = connector.connect(to);
    try {
      End made = new End(new Exchange(client, meter), to);
      ends.put(client, made);
      Messages.Hello hello = new Messages.Hello(Messages.VERSION, plan.run(), 0, 0, address);
      String refusal = Messages.readText(ask(client, hello.write()));
      if (!refusal.isEmpty()) {
        throw new IOException(refusal);
      }
      if (Transport.sharedFolder().isPresent()) {
        made.exchange.offerMemory(Transport.sharedFolder().get(), message -> ask(client, message));
      }
      open.put(to, made);
      return made;
    } catch (IOException | RuntimeException e) {
      ends.remove(client);
      client.close();
      throw e;
    }
  }

  private static ByteBuffer ask(TransportClient client, ByteBuffer request) throws IOException {
    try {
      return client.sendRpcSync(request, REPLY_MILLIS);
    } catch (RuntimeException e) {
      throw new IOException("it did not answer", e);
    }
  }

  @Override
  public void receive(TransportClient client, ByteBuffer request, RpcResponseCallback reply) {
    int kind = Messages.kind(request);
    End end = ends.get(client);
    if (kind == Messages.HELLO) {
      Messages.Hello hello = Messages.Hello.read(request);
      String refusal = hello.refusal(plan.run());
      if (refusal.isEmpty()) {
        ends.put(client, new End(new Exchange(client, meter), hello.address()));
      }
      reply.onSuccess(Messages.text(refusal));
    } else if (kind == Messages.SHARE && end != null) {
      Optional<Boolean> taken =
          Transport.sharedFolder()
              .map(folder -> end.exchange.takeMemory(folder, Messages.readShare(request)));
      reply.onSuccess(Messages.shared(taken.orElse(false)));
    } else {
      reply.onSuccess(Messages.text(Messages.notDue(kind)));
    }
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message) {
    try {
      End end = end(client);
      end.exchange.take(
          Messages.kind(message), message, (kind, rest) -> incoming(client, end, kind, rest));
    } catch (RuntimeException e) {
      Transport.drop(client, e);
    }
  }

  @Override
  public StreamCallbackWithID receiveStream(
      TransportClient client, ByteBuffer header, RpcResponseCallback reply) {
    return incoming(client, end(client), Messages.kind(header), header);
  }

  private End end(TransportClient client) {
    End end = ends.get(client);
    if (end == null) {
      throw new IllegalStateException("it has not said who it is");
    }
    return end;
  }

  private Exchange.Body incoming(TransportClient client, End end, int kind, ByteBuffer message) {
    long start = System.nanoTime();
    if (kind == Messages.COMMAND) {
      Command.Message command = Command.Message.read(message);
      SpanRounds.Turn turn = rounds.turn(command.command().round());
      return body(client, rounds.parameters(command, turn), () -> passed(end, turn, start));
    }
    if (kind == Messages.CONTRIBUTION) {
      Contribution.Message part = Contribution.Message.read(message);
      SpanRounds.Turn turn = rounds.turn(part.round());
      return body(client, rounds.sums(part, turn), () -> added(end, turn, part.span(), start));
    }
    throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
  }

  private Exchange.Body body(TransportClient client, Exchange.Sink floats, Runnable whole) {
    return new Exchange.Body(floats, meter, whole, cause -> Transport.drop(client, cause));
  }

  private void passed(End end, SpanRounds.Turn turn, long start) {
    if (turn != null) {
      turn.took(new LinkTime(end.other.host(), address.host(), System.nanoTime() - start));
      turn.passed();
      home.passed();
    }
  }

  private void added(End end, SpanRounds.Turn turn, Span span, long start) {
    if (turn != null) {
      turn.took(new LinkTime(end.other.host(), address.host(), System.nanoTime() - start));
      finish(turn, span);
    }
  }

  @Override
  public void channelInactive(TransportClient client) {
    End end = ends.remove(client);
    if (end != null && open.remove(end.other, end)) {
      broken(rounds.newest(), end.other, "the connection was lost");
    }
  }

  @Override
  public StreamManager getStreamManager() {
    return streams;
  }

  @Override
  public void close() {
    closed = true;
    outbox.shutdownNow();
    connector.close();
    listener.close();
  }
}
