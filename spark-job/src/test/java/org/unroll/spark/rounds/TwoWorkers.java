// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;

/** A hub of two workers of one shard each, with a state of one number, and its sessions. */
final class TwoWorkers {
  static final float[] PARAMS = {1, 2};
  static final int[] ALL = Runs.all(PARAMS.length);

  final RoundHub hub;

  /** The tasks that Spark's executors could run beside those they run. */
  IntSupplier freeSlots = () -> 2;

  /** The hub waits for a minute. */
  TwoWorkers() {
    this(Duration.ofMinutes(1));
  }

  TwoWorkers(Duration patience) {
    WorkerPlan plan = new WorkerPlan(new UUID(1, 2), 2, new OneNumberWork());
    hub = new RoundHub(plan, () -> patience, () -> freeSlots.getAsInt());
  }

  private record OneNumberWork() implements ShardWork {
    @Override
    public int shards() {
      return 2;
    }

    @Override
    public int parameters() {
      return PARAMS.length;
    }

    @Override
    public Wire wire() {
      return Wire.FP32;
    }

    @Override
    public int windows() {
      return 1;
    }

    @Override
    public int stateSize(int shard) {
      return 1;
    }

    @Override
    public boolean has(Split split) {
      return true;
    }

    @Override
    public Learner open(int first, int end) {
      throw new AssertionError("nothing is computed here");
    }
  }

  /** A process of one worker that remembers what it was told. */
  private static final class Host extends Session.Peer {
    final List<Command> commands = new ArrayList<>();
    private final int worker;

    Host(int worker) {
      this.worker = worker;
    }

    @Override
    void deliver(Session session, Command command) {
      commands.add(command);
    }

    @Override
    String where() {
      return "host " + worker;
    }
  }

  /** A session with what it was told. */
  final class Attempt extends Session {
    final List<Command> commands;

    private Attempt(int worker, Host host) {
      super(worker, host);
      commands = host.commands;
    }

    Command last() {
      return commands.get(commands.size() - 1);
    }

    /** Answers the last command; in a round of training its shard stands at the state then. */
    void contribute(float state) {
      hub.contribute(this, contribution(worker, last().round(), state));
    }
  }

  private static Contribution contribution(int worker, long round, float state) {
    List<Evaluation> parts = List.of(Evaluation.of(new Loss(round, 1)));
    Contribution.Share share = new Contribution.Share(0, worker, WorkerTimes.NONE, parts);
    return new Contribution(round, share, List.of(), List.of(new float[] {state}));
  }

  /** A session of a worker, 0 or 1, that has joined. */
  Attempt join(int worker) {
    Attempt attempt = new Attempt(worker, new Host(worker));
    hub.join(attempt);
    return attempt;
  }

  /** Begins a round of training in which all parameters are new. */
  void train(int step) {
    train(step, ALL);
  }

  void train(int step, int[] changed) {
    hub.begin(Command.train(hub.nextRound(), new Window(0, step, step), PARAMS), changed);
  }

  /** Begins an evaluation with parameters that are all new. */
  void evaluate() {
    hub.begin(Command.evaluate(hub.nextRound(), Split.VALID, PARAMS), ALL);
  }

  /** A whole round of training, after which the shards stand at 10 and 20. */
  void round(int step, Attempt first, Attempt second) {
    train(step);
    first.contribute(10);
    second.contribute(20);
    take();
  }

  /** The workers whose contributions counted, in order of arrival. */
  List<Integer> take() {
    return List.of(hub.take().share().worker(), hub.take().share().worker());
  }
}
