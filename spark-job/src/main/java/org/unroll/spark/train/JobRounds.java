// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.RoundedParams;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * Rounds that are Spark jobs: the parameters are broadcast, each worker is a task, and its states
 * come and go with it, so that executors may come and go between any two rounds. A task prefers the
 * executor that ran it in the round before, which has its data in memory.
 */
final class JobRounds implements Rounds {
  private static final Logger LOG = LoggerFactory.getLogger(JobRounds.class);

  private final JavaSparkContext spark;
  private final WorkerPlan plan;
  private final Broadcast<byte[]> packedPlan;
  private float[][] states;
  private final List<List<String>> locations = new ArrayList<>();
  private final RoundedParams rounded;
  private ShardTree tree;
  private RoundTimes times = RoundTimes.NONE;
  private long round;

  JobRounds(JavaSparkContext spark, WorkerPlan plan) {
    this.spark = spark;
    this.plan = plan;
    rounded = new RoundedParams(plan.work().wire());
    packedPlan = spark.broadcast(RoundTask.pack(plan));
    states = new float[plan.workers()][];
    Arrays.fill(states, Contribution.NO_STATES);
    for (int w = 0; w < plan.workers(); w++) {
      locations.add(List.of());
    }
  }

  @Override
  public int windows() {
    return plan.work().windows();
  }

  @Override
  public WeightedSum gradient(Window window, float[] params) {
    long start = System.nanoTime();
    float[] sent = rounded.of(params);
    long encode = System.nanoTime() - start;
    List<RoundResult> results = run(Command.train(++round, window, null), sent);
    long addStart = System.nanoTime();
    tree = new ShardTree(plan.work().shards(), plan.work().wire());
    for (int w = 0; w < plan.workers(); w++) {
      List<ShardTree.Node> nodes = plan.nodes(w);
      List<WeightedSum> sums = results.get(w).sums();
      for (int i = 0; i < nodes.size(); i++) {
        tree.add(nodes.get(i), sums.get(i));
      }
      states[w] = results.get(w).states();
    }
    long end = System.nanoTime();
    List<WorkerTimes> workers = results.stream().map(RoundResult::times).toList();
    times = RoundTimes.of(end - start, workers, encode, end - addStart);
    return tree.total();
  }

  @Override
  public Loss evaluate(Split split, float[] params) {
    if (!plan.work().has(split)) {
      return Loss.ZERO;
    }
    List<Loss> losses = new ArrayList<>();
    run(Command.evaluate(++round, split, null), params).forEach(r -> losses.addAll(r.losses()));
    return ShardTree.sum(losses);
  }

  @Override
  public Map<ShardTree.Node, Loss> losses() {
    return tree.losses();
  }

  @Override
  public RoundTimes times() {
    return times;
  }

  @Override
  public List<float[]> states() {
    return plan.statesByShard(states);
  }

  @Override
  public void restore(List<float[]> states) {
    this.states = plan.statesByWorker(states);
  }

  /** One round; the results are in the order of the workers. */
  private List<RoundResult> run(Command command, float[] params) {
    Broadcast<float[]> broadcast = spark.broadcast(params);
    List<RoundResult> results;
    try {
      results = collect(new RoundTask(plan.run(), packedPlan, broadcast, command), command.round());
    } finally {
      if (!spark.sc().isStopped()) {
        broadcast.destroy();
      }
    }
    for (int w = 0; w < plan.workers(); w++) {
      if (results.get(w).inputError != null) {
        throw new InputException(results.get(w).inputError);
      }
      locations.set(w, List.of(results.get(w).location));
    }
    return results;
  }

  /** The round's job; once more if Spark has given it up because executors were lost. */
  private List<RoundResult> collect(RoundTask task, long round) {
    for (int run = 1; ; run++) {
      try {
        return workers().mapPartitions(task).collect();
      } catch (Exception e) {
        if (run == Restarts.LIMIT || !JobFailures.executorLost(e)) {
          throw new WorkerFailedException(
              "round " + round + " failed: " + JobFailures.describe(e) + JobFailures.advice(e), e);
        }
        LOG.warn("Spark gave up round {}; it runs again", round);
      }
    }
  }

  /** One partition a worker with the states of its shards, near the executor that had it last. */
  private JavaRDD<float[]> workers() {
    List<Tuple2<float[], Seq<String>>> placed = new ArrayList<>();
    for (int w = 0; w < plan.workers(); w++) {
      placed.add(new Tuple2<>(states[w], CollectionConverters.asScala(locations.get(w)).toSeq()));
    }
    return spark
        .sc()
        .makeRDD(
            CollectionConverters.asScala(placed).toSeq(),
            ClassTag$.MODULE$.<float[]>apply(float[].class))
        .toJavaRDD();
  }

  @Override
  public void close() {
    HostCache.forget(plan.run());
    if (!spark.sc().isStopped()) {
      packedPlan.destroy();
    }
  }
}
