// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * Rounds that are Spark jobs: the parameters are broadcast, each worker is a task, and its states
 * come and go with it, so that executors may come and go between any two rounds. A task prefers the
 * executor that ran it in the round before, which has its data in memory. The sums of many workers
 * are added in groups before they come to the driver; see {@link GroupTask}.
 */
final class JobRounds implements ClusterRounds {
  private static final Logger LOG = LoggerFactory.getLogger(JobRounds.class);

  private final JavaSparkContext spark;
  private final WorkerPlan plan;
  private final Broadcast<byte[]> packedPlan;
  private float[][] states;
  private final List<List<String>> locations = new ArrayList<>();
  private final SumFormat format;
  private final LargestAccumulator memory;
  private final ShardTree tree;
  private final Map<ShardTree.Node, Loss> losses = new LinkedHashMap<>();
  private RoundTimes times = RoundTimes.NONE;
  private long round;

  JobRounds(JavaSparkContext spark, WorkerPlan plan) {
    this.spark = spark;
    this.plan = plan;
    format = plan.format();
    memory = LargestAccumulator.register(spark);
    tree = format.tree();
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
    RoundParams rounded = new RoundParams(params, format.wire());
    long encode = System.nanoTime() - start;
    List<RoundResult> results = run(Command.train(++round, window, null), rounded);
    long addStart = System.nanoTime();
    List<WorkerTimes> workers = new ArrayList<>();
    losses.clear();
    for (WorkerReport report : reports(results)) {
      states[report.worker] = report.states;
      workers.add(report.times());
      List<ShardTree.Node> nodes = plan.nodes(report.worker);
      for (int i = 0; i < nodes.size(); i++) {
        losses.put(nodes.get(i), report.losses().get(i));
      }
    }
    tree.clear();
    results.forEach(result -> result.sums().forEach(sum -> format.add(sum, tree)));
    long end = System.nanoTime();
    times = RoundTimes.of(end - start, workers, encode, end - addStart);
    return tree.total();
  }

  @Override
  public Evaluation evaluate(Split split, float[] params) {
    if (!plan.work().has(split)) {
      return Evaluation.NONE;
    }
    RoundParams exact = new RoundParams(params, Wire.FP32);
    List<RoundResult> results = run(Command.evaluate(++round, split, null), exact);
    return ShardTree.sum(
        reports(results).stream().flatMap(report -> report.evaluations().stream()).toList());
  }

  @Override
  public Map<ShardTree.Node, Loss> losses() {
    return new LinkedHashMap<>(losses);
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

  /** One round, after which every worker's place is known. */
  private List<RoundResult> run(Command command, RoundParams params) {
    Broadcast<RoundParams> broadcast = spark.broadcast(params);
    List<RoundResult> results;
    try {
      results = collect(command, broadcast);
    } finally {
      if (!spark.sc().isStopped()) {
        broadcast.destroy();
      }
    }
    for (WorkerReport report : reports(results)) {
      if (report.inputError != null) {
        throw new InputException(report.inputError);
      }
      locations.set(report.worker, List.of(report.location));
    }
    return results;
  }

  /** In the order of the workers. */
  private static List<WorkerReport> reports(List<RoundResult> results) {
    return results.stream()
        .flatMap(result -> result.reports().stream())
        .sorted(Comparator.comparingInt(report -> report.worker))
        .toList();
  }

  /** The round's job; once more if Spark has given it up because executors were lost. */
  private List<RoundResult> collect(Command command, Broadcast<RoundParams> params) {
    RoundTask task = new RoundTask(plan.run(), packedPlan, params, command, format, memory);
    for (int run = 1; ; run++) {
      try {
        JavaRDD<RoundResult> results = workers().mapPartitions(task);
        return command.kind() == Command.Kind.TRAIN ? collectGroups(results) : results.collect();
      } catch (Exception e) {
        if (run == Restarts.LIMIT || !JobFailures.executorLost(e)) {
          throw new WorkerFailedException(
              "round "
                  + command.round()
                  + " failed: "
                  + JobFailures.describe(e)
                  + JobFailures.advice(e),
              e);
        }
        LOG.warn("Spark gave up round {}; it runs again", command.round());
      }
    }
  }

  private List<RoundResult> collectGroups(JavaRDD<RoundResult> results) {
    JavaRDD<RoundResult> groups = GroupTask.group(results, plan.workers(), format);
    try {
      return groups.collect();
    } finally {
      if (!spark.sc().isStopped()) {
        // Spark would keep the sums on the executors' disks until the driver collects garbage.
        groups.rdd().cleanShuffleDependencies(false);
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
  public long peakWorkerMemory() {
    return memory.value();
  }

  @Override
  public void close() {
    HostCache.forget(plan.run());
    if (!spark.sc().isStopped()) {
      packedPlan.destroy();
    }
  }
}
