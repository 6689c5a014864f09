// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.ClusterException;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * Rounds that are Spark jobs: the parameters are broadcast, each worker is a task, and its states
 * come and go with it, so that executors may come and go between any two rounds. A task prefers the
 * executor that ran it in the round before, which has its data in memory. The sums of many workers
 * are added in groups before they come to the driver; see {@link #addGroup}.
 */
final class JobRounds extends ClusterRounds {
  private static final Logger LOG = LoggerFactory.getLogger(JobRounds.class);

  /** So many workers send to the driver, which adds faster than a second stage starts. */
  private static final int FEW = 8;

  private final JavaSparkContext spark;
  private final Broadcast<WorkerPlan> sharedPlan;
  private final ShardTree tree;

  /** The states of all shards; empty before the first round. */
  private List<float[]> states;

  /** The executors that had each worker last. */
  private final List<List<String>> locations;

  private long round;

  JobRounds(JavaSparkContext spark, WorkerPlan plan) {
    super(spark, plan);
    this.spark = spark;
    tree = plan.wholeTree();
    sharedPlan = spark.broadcast(plan);
    states = plan.noStates();
    locations = new ArrayList<>(Collections.nCopies(plan.workers(), List.of()));
  }

  @Override
  public WeightedSum gradient(Window window, float[] params) {
    long start = System.nanoTime();
    RoundTask.Params rounded = new RoundTask.Params(params, plan.work().wire());
    long encode = System.nanoTime() - start;
    List<RoundTask.Result> results = run(Command.train(++round, window, null), rounded);
    long addStart = System.nanoTime();
    tree.begin(round);
    List<Contribution.Share> shares = new ArrayList<>();
    for (RoundTask.Result result : results) {
      Contribution.Message message = result.message();
      result.floats().unpack(message.decoder(plan, tree, 0, this::newStates));
      shares.addAll(message.shares());
    }
    long end = System.nanoTime();
    trained(shares, end - start, encode, end - addStart);
    return tree.total();
  }

  private List<float[]> newStates(Contribution.Share share) {
    List<float[]> own = plan.newStates(share.worker());
    Collections.copy(plan.statesOf(share.worker(), states), own);
    return own;
  }

  @Override
  List<Contribution.Share> evaluateShards(Split split, float[] params) {
    RoundTask.Params exact = new RoundTask.Params(params, Wire.FP32);
    return run(Command.evaluate(++round, split, null), exact).stream()
        .flatMap(result -> result.message().shares().stream())
        .toList();
  }

  @Override
  public List<float[]> states() {
    return List.copyOf(states);
  }

  @Override
  public void restore(List<float[]> states) {
    this.states = new ArrayList<>(plan.requireStates(states));
  }

  /**
   * Runs one round, after which every worker's place is known.
   *
   * @throws org.unroll.rnn.io.InputException if the data are to blame
   */
  private List<RoundTask.Result> run(Command command, RoundTask.Params params) {
    Broadcast<RoundTask.Params> broadcast = spark.broadcast(params);
    List<RoundTask.Result> results;
    try {
      results = collect(command, broadcast);
    } finally {
      if (!spark.sc().isStopped()) {
        broadcast.destroy();
      }
    }
    for (RoundTask.Result result : results) {
      List<Contribution.Share> shares = result.message().shares();
      for (int i = 0; i < shares.size(); i++) {
        locations.set(shares.get(i).worker(), List.of(result.locations().get(i)));
      }
    }
    return results;
  }

  /** Runs the round's job; once more if Spark has given it up because executors were lost. */
  private List<RoundTask.Result> collect(Command command, Broadcast<RoundTask.Params> params) {
    RoundTask task = new RoundTask(sharedPlan, params, command, memory);
    for (int run = 1; ; run++) {
      try {
        JavaRDD<RoundTask.Result> results = workers().mapPartitions(task);
        return command.kind() == Command.Kind.TRAIN ? collectGroups(results) : results.collect();
      } catch (Exception e) {
        if (run == JobFailures.LIMIT || !JobFailures.executorLost(e)) {
          throw new ClusterException(
              "round %s failed: %s%s"
                  .formatted(command.round(), JobFailures.describe(e), JobFailures.advice(e)),
              e);
        }
        LOG.warn("Spark gave up round {}; it runs again", command.round());
      }
    }
  }

  private List<RoundTask.Result> collectGroups(JavaRDD<RoundTask.Result> results) {
    if (plan.workers() <= FEW) {
      return results.collect();
    }
    int size = groupSize(plan.workers());
    Broadcast<WorkerPlan> shared = sharedPlan;
    JavaRDD<RoundTask.Result> groups =
        results
            .mapToPair(result -> new Tuple2<>(worker(result) / size, result))
            .partitionBy(new HashPartitioner((plan.workers() + size - 1) / size))
            .values()
            .mapPartitions(group -> List.of(addGroup(shared.value(), group)).iterator());
    try {
      return groups.collect();
    } finally {
      if (!spark.sc().isStopped()) {
        // Spark would keep the sums on the executors' disks until the driver collects garbage.
        groups.rdd().cleanShuffleDependencies(false);
      }
    }
  }

  /** Returns whose result it is; that of nobody who can be told comes to the first group. */
  private static int worker(RoundTask.Result result) {
    return result.isInputError() ? 0 : result.message().shares().get(0).worker();
  }

  /** Returns the consecutive workers of a group: the root of all, as a power of two. */
  static int groupSize(int workers) {
    int size = 1;
    while ((long) size * size < workers) {
      size *= 2;
    }
    return size;
  }

  /**
   * Adds the results of a group of workers; one that is an input error is the result. Spark's own
   * {@code treeAggregate} adds in an order that depends on the number of partitions and on which
   * result arrives first; here only sums that are siblings in the canonical tree are added, and
   * what has no sibling in its group goes on to the driver.
   */
  static RoundTask.Result addGroup(WorkerPlan plan, Iterator<RoundTask.Result> results) {
    JointContribution group = null;
    List<String> locations = new ArrayList<>();
    while (results.hasNext()) {
      RoundTask.Result result = results.next();
      if (result.isInputError()) {
        return result;
      }
      Contribution.Message message = result.message();
      group = group == null ? new JointContribution(plan, message.round(), List.of()) : group;
      group.add(message, result.floats());
      locations.addAll(result.locations());
    }
    JointContribution.Outgoing outgoing = group.outgoing();
    return new RoundTask.Result(
        outgoing.message(), new Segment.Packed(outgoing.floats()), locations);
  }

  /** Returns a partition for each worker: its states, near the executor that had it last. */
  private JavaRDD<float[][]> workers() {
    List<Tuple2<float[][], Seq<String>>> placed = new ArrayList<>();
    for (int w = 0; w < plan.workers(); w++) {
      float[][] own = plan.statesOf(w, states).toArray(float[][]::new);
      placed.add(new Tuple2<>(own, CollectionConverters.asScala(locations.get(w)).toSeq()));
    }
    return spark
        .sc()
        .makeRDD(
            CollectionConverters.asScala(placed).toSeq(),
            ClassTag$.MODULE$.<float[][]>apply(float[][].class))
        .toJavaRDD();
  }

  @Override
  public void close() {
    RoundTask.forget(plan.run());
    if (!spark.sc().isStopped()) {
      sharedPlan.destroy();
    }
  }
}
