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
  private final Exchange.Meter meter = new Exchange.Meter();
  private final Transport.Connection connection;
  private final Exchange exchange;

  /** The connections to other executors, or null where the driver adds all sums. */
  private final Mesh mesh;

  /** Guards the round at work here, as far as it is shared with other executors. */
  private final Object lock = new Object();

  /** The newest round that the driver has told of, and whether it adds the sums of it itself. */
  private long round;

  private boolean recalled;

  /** The command of a round that waits for the parameters that others pass on; or null. */
  private Command.Message waiting;

  /** The answers to the round that were given to other executors. */
  private final List<Answer> spread = new ArrayList<>();

  /** Counts the parameters as they come; for the thread that receives. */
  private long paramsVersion;

  private boolean offered;

  /** The number of workers that are joining or there; guarded by {@link #RUNS}. */
  private int users;

  /** Connects a process to its driver; {@link #join} has one for all workers of a run. */
  WorkerProcess(WorkerPlan plan, Transport.Address driver)
      throws IOException, InterruptedException {
    this.plan = plan;
    this.driver = driver;
    params = new float[plan.parameters()];
    connection = Transport.connect(driver, this);
    exchange = new Exchange(connection.client(), meter);
    mesh = mesh();
  }

  private Mesh mesh() {
    if (plan.sum() == SumKind.DRIVER) {
      return null;
    }
    try {
      return new Mesh(plan, params, new Others());
    } catch (IOException e) {
      LOG.warn("{}; the driver adds the sums", e.getMessage());
      return null;
    }
  }

  /** What other executors have for this one. */
  private final class Others implements Mesh.Home {
    @Override
    public void passed() {
      deliverWaiting();
    }

    @Override
    public void total(JointContribution.Outgoing total) {
      exchange.send(total.message().write(), total.floats());
    }

    @Override
    public void broken(long round, String reason) {
      exchange.send(new Messages.Broken(round, reason).write(), List.of());
    }
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
   * @param owners who adds the sums
   * @param encode nanoseconds that the answer before took to become bytes
   */
  private record Answer(long round, JointContribution contribution, Owners owners, long encode) {}

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
    return process.enter(worker);
  }

  /** Has a worker of this process join. */
  WorkerLink enter(int worker) throws IOException {
    Member member = new Member(worker);
    members.put(member.number, member);
    try {
      Messages.Hello hello =
          new Messages.Hello(
              Messages.VERSION,
              plan.run(),
              member.number,
              worker,
              mesh == null ? Transport.Address.NOWHERE : mesh.address());
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
    exchange.offerMemory(folder.get(), this::ask);
  }

  private ByteBuffer ask(ByteBuffer request) throws IOException {
    try {
      return connection.client().sendRpcSync(request, REPLY_MILLIS);
    } catch (RuntimeException e) {
      throw new IOException("the driver at " + driver + " did not answer", e);
    }
  }

  /** Sends an answer to the driver, or its sums to their owners and the rest to the driver. */
  private void send(Answer answer) {
    boolean shared;
    synchronized (lock) {
      shared = answer.owners.share() && answer.round == round && !recalled;
      if (shared) {
        spread.add(answer);
      }
    }
    if (shared && !answer.contribution.isEvaluation()) {
      mesh.spread(answer.round, answer.owners, answer.contribution);
    }
    send(answer, shared ? answer.contribution.shares() : answer.contribution.outgoing());
  }

  private void send(Answer answer, JointContribution.Outgoing outgoing) {
    Contribution.Message message = outgoing.message();
    if (!message.sums().isEmpty()) {
      compute =
          message.shares().stream().mapToLong(share -> share.times().compute()).max().orElse(0);
      ROUNDS.increment();
    }
    long adding = answer.contribution.adding() + (mesh == null ? 0 : mesh.adding());
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
    if (mesh != null) {
      mesh.close();
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

  /**
   * Takes a command from the driver. It waits until the others have passed their parameters on,
   * where they do; and one to nobody says that the driver adds what they were to add.
   */
  private void take(Command.Message message) {
    Command command = message.command();
    List<Answer> again = List.of();
    synchronized (lock) {
      if (command.round() > round) {
        round = command.round();
        recalled = false;
        waiting = null;
        spread.clear();
      }
      if (message.calls().isEmpty()) {
        recalled = true;
        again = List.copyOf(spread);
        spread.clear();
        if (waiting != null) {
          deliver(waiting);
          waiting = null;
        }
      } else if (message.owners().passing() > 0) {
        waiting = message;
      } else {
        deliver(message);
      }
    }
    again.forEach(answer -> send(answer, answer.contribution.outgoing()));
    if (message.owners().share()) {
      mesh.pass(message);
      deliverWaiting();
    }
  }

  private void deliverWaiting() {
    synchronized (lock) {
      if (waiting != null && mesh.passed(round) >= waiting.owners().passing()) {
        deliver(waiting);
        waiting = null;
      }
    }
  }

  private void deliver(Command.Message message) {
    if (message.changed().length > 0 || message.owners().pass()) {
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
    long encode = trains ? meter.encoding.sumThenReset() : 0;
    if (trains && mesh != null) {
      encode += mesh.takeEncoding();
    }
    long number = message.command().round();
    JointContribution joint = new JointContribution(plan, number, called);
    Answer answer = new Answer(number, joint, message.owners(), encode);
    called.forEach(member -> answers.put(member, answer));
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
    long start = System.nanoTime();
    long number = command.command().round();
    if (mesh != null) {
      // What others still send of the round before must not overwrite what comes now.
      mesh.begin(number);
    }
    Runnable whole =
        () -> {
          if (mesh != null) {
            String here = mesh.address().host();
            mesh.took(number, new LinkTime(driver.host(), here, System.nanoTime() - start));
          }
          take(command);
        };
    return new Exchange.Body(decoder(command), meter, whole, this::lose);
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
