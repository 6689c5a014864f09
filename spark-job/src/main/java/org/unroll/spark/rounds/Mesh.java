// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;

/**
 * The mesh is an executor's end of the connections to the others, for rounds whose sums executors
 * share: each owns a {@link Span} of the positions. Of its own span it passes the new parameters
 * on, takes what the others have there, adds it along the canonical tree, and has the total ready
 * for the driver; of the others' it takes the parameters, and sends what it has to their owners. A
 * connection carries numbers one way, from who opened it.
 *
 * <p>Messages may come late: of a round that the driver has finished by itself, or of one that this
 * executor has not heard of from the driver yet. What is of an older round than the newest one
 * known is read and forgotten.
 */
final class Mesh extends RpcHandler implements AutoCloseable {
  private static final long REPLY_MILLIS = 30_000;
  private static final ByteBuffer WELCOME = ByteBuffer.allocate(0);

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

  /** Held for writing while another round begins, and for reading while parameters are written. */
  private final ReadWriteLock gate = new ReentrantReadWriteLock();

  /**
   * The newest round that is known; guarded by the gate, as the count of spans in it is by itself.
   */
  private Turn turn = new Turn(0);

  /** Used again for every round with the same span; guarded by this. */
  private ShardTree tree;

  private Span treeSpan = Span.NONE;
  private volatile long adding;
  private volatile boolean closed;

  /** One end of a connection, and the machine at the other. */
  private record End(Exchange exchange, Transport.Address other) {}

  /** A round as far as it has come here; guarded by itself. */
  private static final class Turn {
    final long round;

    /** The spans of parameters that others have passed on. */
    int passed;

    /** The sums of the own span, from the first that is known of them. */
    ShardTree tree;

    boolean sent;
    LinkTime slowest = LinkTime.NONE;

    Turn(long round) {
      this.round = round;
    }

    synchronized void took(LinkTime time) {
      slowest = slowest.orSlower(time);
    }
  }

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
    return adding;
  }

  /** Returns the nanoseconds that numbers took to become bytes since the call before. */
  long takeEncoding() {
    return meter.encoding.sumThenReset();
  }

  /** Forgets all rounds before this one, of which nothing is written any more from here on. */
  void begin(long round) {
    turn(round);
  }

  /** Takes how long something of a round was on its way from the driver. */
  void took(long round, LinkTime time) {
    Turn current = turn(round);
    if (current != null) {
      current.took(time);
    }
  }

  private long newest() {
    gate.readLock().lock();
    try {
      return turn.round;
    } finally {
      gate.readLock().unlock();
    }
  }

  /** Returns the round with this number, or null if a newer one is known. */
  private Turn turn(long round) {
    gate.writeLock().lock();
    try {
      if (round > turn.round) {
        turn = new Turn(round);
      }
      return round == turn.round ? turn : null;
    } finally {
      gate.writeLock().unlock();
    }
  }

  /** Returns how many spans of a round's parameters others have passed on so far. */
  int passed(long round) {
    Turn current = turn(round);
    if (current == null) {
      return 0;
    }
    synchronized (current) {
      return current.passed;
    }
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
    Turn current = turn(round);
    if (current != null) {
      Segment.copy(part.floats(), decoder(part.message(), current));
      finish(current, part.message().span());
    }
  }

  private Segment.Decoder decoder(Contribution.Message message, Turn current) {
    Span span = message.span();
    ShardTree sums =
        current == null
            ? ShardTree.sliced(plan.work().shards(), span.size(), plan.work().wire())
            : tree(current, span);
    return message.decoder(plan, sums, span.from(), share -> plan.newStates(share.worker()));
  }

  /** Returns where the sums of a round are added; others may know the own span sooner. */
  private ShardTree tree(Turn current, Span span) {
    synchronized (current) {
      if (current.tree == null) {
        current.tree = treeOf(current.round, span);
      }
      if (current.tree.size() != span.size()) {
        throw new IllegalStateException(
            "%s elements are added here in round %s, but a sum has %s"
                .formatted(current.tree.size(), current.round, span.size()));
      }
      return current.tree;
    }
  }

  private synchronized ShardTree treeOf(long round, Span span) {
    if (!span.equals(treeSpan)) {
      tree = ShardTree.sliced(plan.work().shards(), span.size(), plan.work().wire());
      treeSpan = span;
    }
    tree.begin(round);
    return tree;
  }

  /** Gives the total to the driver once all have come. */
  private void finish(Turn current, Span span) {
    LinkTime slowest;
    synchronized (current) {
      if (current.sent || !current.tree.isComplete()) {
        return;
      }
      current.sent = true;
      slowest = current.slowest;
    }
    adding = current.tree.adding() / Math.max(1, Math.min(Transport.serverThreads(), ends.size()));
    WeightedSum total = current.tree.total();
    int[] runs = Runs.of(total.parts());
    List<Segment> floats = Segment.of(total.parts().values(), runs, plan.wire(plan.root()));
    for (int r = 0; r < runs.length; r++) {
      runs[r] += span.from();
    }
    Contribution.NodeSum sum = new Contribution.NodeSum(plan.root(), total.loss(), runs);
    home.total(
        new JointContribution.Outgoing(
            new Contribution.Message(current.round, span, List.of(), List.of(sum), slowest),
            floats));
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
      welcome(client, Messages.Hello.read(request), reply);
    } else if (kind == Messages.SHARE && end != null) {
      Optional<Boolean> taken =
          Transport.sharedFolder()
              .map(folder -> end.exchange.takeMemory(folder, Messages.readShare(request)));
      reply.onSuccess(taken.orElse(false) ? Messages.wake() : WELCOME.duplicate());
    } else {
      refuse("request " + Integer.toHexString(kind) + " is not due", reply);
    }
  }

  private void welcome(TransportClient client, Messages.Hello hello, RpcResponseCallback reply) {
    if (hello.version() != Messages.VERSION) {
      refuse("its messages have version " + Messages.VERSION, reply);
    } else if (!hello.run().equals(plan.run())) {
      refuse("it belongs to run " + plan.run(), reply);
    } else {
      ends.put(client, new End(new Exchange(client, meter), hello.address()));
      reply.onSuccess(WELCOME.duplicate());
    }
  }

  private static void refuse(String reason, RpcResponseCallback reply) {
    reply.onSuccess(ByteBuffer.wrap(reason.getBytes(StandardCharsets.UTF_8)));
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
    Exchange.Sink floats;
    Runnable whole;
    long round;
    if (kind == Messages.COMMAND) {
      Command.Message command = Command.Message.read(message);
      round = command.command().round();
      Passed passed = new Passed(command, turn(round));
      floats = passed;
      whole = passed::whole;
    } else if (kind == Messages.CONTRIBUTION) {
      Contribution.Message part = Contribution.Message.read(message);
      round = part.round();
      Turn current = turn(round);
      floats = decoder(part, current);
      whole =
          () -> {
            if (current != null) {
              finish(current, part.span());
            }
          };
    } else {
      throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
    }
    Turn current = turn(round);
    Runnable timed =
        () -> {
          if (current != null) {
            long nanos = System.nanoTime() - start;
            current.took(new LinkTime(end.other.host(), address.host(), nanos));
          }
          whole.run();
        };
    return new Exchange.Body(floats, meter, timed, cause -> Transport.drop(client, cause));
  }

  /** Parameters that another passes on. Those of a round that is over are not written any more. */
  private final class Passed implements Exchange.Sink {
    private final Turn of;
    private final Segment.Decoder floats;

    Passed(Command.Message message, Turn of) {
      this.of = of;
      Runs.require(message.changed(), message.owners().span());
      Iterator<Segment> segments =
          Segment.of(params, message.changed(), plan.wire(message.command())).iterator();
      floats = new Segment.Decoder(new ArrayList<>(List.of(segments)));
    }

    @Override
    public void read(ByteBuffer bytes) {
      gate.readLock().lock();
      try {
        if (turn == of) {
          floats.read(bytes);
        } else {
          bytes.position(bytes.limit());
        }
      } finally {
        gate.readLock().unlock();
      }
    }

    @Override
    public boolean isComplete() {
      gate.readLock().lock();
      try {
        return turn != of || floats.isComplete();
      } finally {
        gate.readLock().unlock();
      }
    }

    void whole() {
      if (of != null) {
        synchronized (of) {
          of.passed++;
        }
        home.passed();
      }
    }
  }

  @Override
  public void channelInactive(TransportClient client) {
    End end = ends.remove(client);
    if (end != null && open.remove(end.other, end)) {
      broken(newest(), end.other, "the connection was lost");
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
