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
import org.unroll.spark.report.SparkMetrics;

/**
 * The workers of a run in one process, and their one connection to the driver: parameters come
 * once, sums go once. Commands come as messages over the connection that the process opened, so
 * nothing is outstanding while workers wait: Spark's network library closes connections that have
 * been quiet for two minutes with a request on the way.
 */
final class WorkerProcess extends RpcHandler {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
  private static final long REPLY_MILLIS = 30_000;

  /** The processes that can be joined; guarded by itself. */
  private static final Map<UUID, WorkerProcess> RUNS = new HashMap<>();

  /** The rounds that this executor had a part in since it has resident workers. */
  private static final LongAdder ROUNDS = new LongAdder();

  /** The nanoseconds that its slowest worker computed in the latest round. */
  private static volatile long compute;

  /** What Spark's metrics system shows while there are resident workers. */
  private static final SparkMetrics METRICS =
      new SparkMetrics().with("compute_ms", () -> compute / 1e6).with("rounds", ROUNDS::sum);

  private final WorkerPlan plan;
  private final Transport.Address driver;
  private final float[] params;
  private final StreamManager streams = new OneForOneStreamManager();
  private final Map<Integer, Member> members = new ConcurrentHashMap<>();

  /** The answers that members owe, by number of member; those called together owe one. */
  private final Map<Integer, Answer> answers = new ConcurrentHashMap<>();

  private final AtomicInteger nextMember = new AtomicInteger();
  private final LongAdder encoding = new LongAdder();
  private final Transport.Connection connection;
  private final Exchange exchange;

  /** Counts the parameters as they come; for the thread that receives. */
  private long paramsVersion;

  private boolean offered;

  /** The number of workers that are joining or there; guarded by {@link #RUNS}. */
  private int users;

  private WorkerProcess(WorkerPlan plan, Transport.Address driver)
      throws IOException, InterruptedException {
    this.plan = plan;
    this.driver = driver;
    params = new float[plan.parameters()];
    connection = Transport.connect(driver, this);
    exchange = new Exchange(connection.client(), encoding);
  }

  /** The link of a worker of this process. */
  private final class Member extends WorkerLink {
    private final int number = nextMember.incrementAndGet();

    /** The arrays to which the states of a command go. */
    private final List<float[]> states;

    /** The process's parameters that this worker has; for the thread that delivers. */
    private long ownVersion;

    Member(int worker) {
      super(worker);
      states = plan.newStates(worker);
    }

    /** Takes a command, with the process's parameters if the worker has not got them yet. */
    void deliver(Command command, boolean hasStates) {
      float[] news = ownVersion == paramsVersion ? null : params;
      ownVersion = paramsVersion;
      put(command.with(news, command.changed(), hasStates ? states : null));
    }

    @Override
    void contribute(Contribution contribution) {
      Answer answer = answers.remove(number);
      if (answer == null) {
        throw new IllegalStateException("nothing is asked of " + plan.name(worker));
      }
      if (answer.contribution.add(number, contribution)) {
        send(answer);
      }
    }

    @Override
    void report(boolean input, String message) throws IOException {
      ask(new Messages.Failure(number, input, message).write());
    }

    @Override
    public void close() {
      if (members.remove(number) == null) {
        return;
      }
      Answer answer = answers.remove(number);
      if (answer != null && answer.contribution.leave(number)) {
        send(answer);
      }
      exchange.send(Messages.leave(number), List.of());
      release();
    }
  }

  /**
   * An answer to one command, which some members give together.
   *
   * @param encode nanoseconds that the answer before took to become bytes
   */
  private record Answer(JointContribution contribution, long encode) {}

  /** Joins a run over the network; see {@link WorkerLink#open}. */
  static WorkerLink join(WorkerPlan plan, Transport.Address driver, int worker)
      throws IOException, InterruptedException {
    WorkerProcess process;
    synchronized (RUNS) {
      process = RUNS.get(plan.run());
      if (process == null) {
        process = new WorkerProcess(plan, driver);
        if (RUNS.isEmpty()) {
          ROUNDS.reset();
          compute = 0;
          METRICS.show();
        }
        RUNS.put(plan.run(), process);
      }
      process.users++;
    }
    return process.join(worker);
  }

  private Member join(int worker) throws IOException {
    Member member = new Member(worker);
    members.put(member.number, member);
    try {
      Messages.Hello hello =
          new Messages.Hello(Messages.VERSION, plan.run(), member.number, worker);
      String refusal = Messages.readText(ask(hello.write()));
      if (!refusal.isEmpty()) {
        throw new IOException(
            "the driver at " + driver + " refused " + plan.name(worker) + ": " + refusal);
      }
      share();
      return member;
    } catch (IOException | RuntimeException e) {
      members.remove(member.number);
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
        exchange.readFrom(null);
      }
    } finally {
      memory.delete(folder.get());
    }
  }

  private ByteBuffer ask(ByteBuffer request) throws IOException {
    try {
      return connection.client().sendRpcSync(request, REPLY_MILLIS);
    } catch (RuntimeException e) {
      throw new IOException("the driver at " + driver + " did not answer", e);
    }
  }

  private void send(Answer answer) {
    JointContribution.Outgoing outgoing = answer.contribution.outgoing();
    Contribution.Message message = outgoing.message();
    if (!message.sums().isEmpty()) {
      compute =
          message.shares().stream().mapToLong(share -> share.times().compute()).max().orElse(0);
      ROUNDS.increment();
    }
    long adding = answer.contribution.adding();
    exchange.send(message.with(answer.encode, adding).write(), outgoing.floats());
  }

  private void release() {
    synchronized (RUNS) {
      if (--users > 0) {
        return;
      }
      RUNS.remove(plan.run(), this);
      if (RUNS.isEmpty()) {
        METRICS.close();
      }
    }
    connection.close();
  }

  /** Returns what takes the floats of a command: parameters, then the states of members. */
  private Segment.Decoder decoder(Command.Message message) {
    List<Iterator<Segment>> floats = new ArrayList<>();
    Wire wire = plan.wire(message.command());
    floats.add(Segment.of(params, message.changed(), wire).iterator());
    for (Command.Call call : message.calls()) {
      if (call.hasStates()) {
        Member member = members.get(call.member());
        List<float[]> states = member == null ? plan.newStates(call.worker()) : member.states;
        floats.add(Segment.of(states).iterator());
      }
    }
    return new Segment.Decoder(floats);
  }

  private void deliver(Command.Message message) {
    if (message.changed().length > 0) {
      paramsVersion++;
    }
    if (message.command().kind() != Command.Kind.STOP) {
      await(message);
    }
    for (Command.Call call : message.calls()) {
      Member member = members.get(call.member());
      if (member != null) {
        member.deliver(message.command(), call.hasStates());
      }
    }
  }

  /** Has the members that are called answer together. */
  private void await(Command.Message message) {
    List<Integer> called =
        message.calls().stream().map(Command.Call::member).filter(members::containsKey).toList();
    // All of the answer before has been sent by now. That of an evaluation has no floats.
    boolean trains = message.command().kind() == Command.Kind.TRAIN;
    long encode = trains ? encoding.sumThenReset() : 0;
    JointContribution joint = new JointContribution(plan, message.command().round(), called);
    Answer answer = new Answer(joint, encode);
    called.forEach(number -> answers.put(number, answer));
  }

  @Override
  public StreamCallbackWithID receiveStream(
      TransportClient from, ByteBuffer header, RpcResponseCallback reply) {
    return begin(Messages.kind(header), header);
  }

  @Override
  public void receive(TransportClient from, ByteBuffer message) {
    try {
      exchange.take(Messages.kind(message), message, this::begin);
    } catch (RuntimeException e) {
      lose(e);
      from.getChannel().close();
    }
  }

  private Exchange.Body begin(int kind, ByteBuffer message) {
    if (kind != Messages.COMMAND) {
      throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
    }
    Command.Message command = Command.Message.read(message);
    return new Exchange.Body(decoder(command), () -> deliver(command), this::lose);
  }

  @Override
  public void receive(TransportClient from, ByteBuffer message, RpcResponseCallback reply) {
    reply.onFailure(new UnsupportedOperationException("a worker answers no requests"));
  }

  @Override
  public void channelInactive(TransportClient from) {
    lose("the connection to the driver at " + driver + " was lost");
  }

  private void lose(Throwable cause) {
    lose("the driver at " + driver + " sent what cannot be read: " + cause);
  }

  /** Gives the connection up; members that come from here on need another one. */
  private void lose(String reason) {
    synchronized (RUNS) {
      RUNS.remove(plan.run(), this);
    }
    members.values().forEach(member -> member.lose(reason));
  }

  @Override
  public StreamManager getStreamManager() {
    return streams;
  }
}
