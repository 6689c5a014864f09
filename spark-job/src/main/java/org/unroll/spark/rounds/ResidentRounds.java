// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.RoundedParams;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.cluster.StartTimeout;

/**
 * Rounds with workers that stay: one Spark stage holds them for the whole run, and a round is a
 * message to each of their processes and one from each.
 */
final class ResidentRounds implements ClusterRounds {
  private final WorkerPlan plan;
  private final RoundHub hub;
  private final NetworkHub network;
  private final LargestAccumulator memory;
  private final WorkerJob job;
  private final RoundedParams rounded;

  /** The parameters of the last command: the array, and what came of it by then. */
  private float[] latest;

  private WeightedSum latestSum;

  private RoundTimes times = RoundTimes.NONE;

  /** The losses of the last training round. */
  private Map<ShardTree.Node, Loss> losses = Map.of();

  /** A copy of the parameters of the last command if it was to evaluate, otherwise null. */
  private float[] evaluated;

  /**
   * Starts the workers, and waits until all are there.
   *
   * @throws org.unroll.rnn.io.InputException if there are fewer slots than workers
   */
  ResidentRounds(JavaSparkContext spark, WorkerPlan plan) {
    this.plan = plan;
    rounded = new RoundedParams(plan.work().wire());
    hub = new RoundHub(plan, StartTimeout.of(spark.getConf()));
    network = Slots.inDriver(spark.getConf()) ? null : new NetworkHub(plan, hub);
    memory = LargestAccumulator.register(spark);
    job = new WorkerJob(spark, plan, network == null ? null : network.address(), hub, memory);
    LocalLink.register(plan.run(), hub);
    try {
      job.start();
      hub.awaitWorkers();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public int windows() {
    return plan.work().windows();
  }

  @Override
  public WeightedSum gradient(Window window, float[] params) {
    long start = System.nanoTime();
    int[] changed = changed(params, plan.work().wire());
    latestSum =
        network == null
            ? byReference(window, params, changed, start)
            : overNetwork(window, params, changed, start);
    latest = params;
    evaluated = null;
    return latestSum;
  }

  private WeightedSum byReference(Window window, float[] params, int[] changed, long start) {
    long encodeStart = System.nanoTime();
    float[] sent = rounded.of(params);
    long encode = System.nanoTime() - encodeStart;
    hub.train(window, sent, changed);
    // A tree that lives for one round: the sums are the workers', who use them again by themselves.
    ShardTree tree = new ShardTree(plan.work().shards(), plan.work().wire());
    List<WorkerTimes> workers = new ArrayList<>();
    long adding = 0;
    while (!tree.isComplete()) {
      RoundHub.Arrival arrival = hub.take();
      long addStart = System.nanoTime();
      Iterator<WeightedSum> sums = arrival.contribution().sums().iterator();
      plan.nodes(arrival.worker()).forEach(node -> tree.add(node, sums.next()));
      adding += System.nanoTime() - addStart;
      workers.add(arrival.contribution().times());
    }
    losses = tree.losses();
    times = RoundTimes.of(System.nanoTime() - start, workers, encode, adding);
    return tree.total();
  }

  private WeightedSum overNetwork(Window window, float[] params, int[] changed, long start) {
    long clearStart = System.nanoTime();
    network.tree().begin(hub.nextRound());
    long clearing = System.nanoTime() - clearStart;
    network.takeEncoding();
    hub.train(window, params, changed);
    List<WorkerTimes> workers = new ArrayList<>();
    for (int i = 0; i < plan.workers(); i++) {
      workers.add(hub.take().contribution().times());
    }
    WeightedSum total = network.tree().total();
    losses = network.tree().losses();
    times =
        RoundTimes.of(
            System.nanoTime() - start,
            workers,
            network.takeEncoding(),
            clearing + network.adding());
    return total;
  }

  /**
   * Which parameters may be others than the workers have. Between two rounds those are the ones
   * whose gradient counted.
   */
  private int[] changed(float[] params, Wire wire) {
    if (wire == Wire.FP32 && evaluated != null && Arrays.equals(evaluated, params)) {
      return Runs.NONE;
    }
    boolean goesOn = params == latest && evaluated == null && wire == plan.work().wire();
    return goesOn ? Runs.of(latestSum.parts()) : Runs.all(params.length);
  }

  @Override
  public Evaluation evaluate(Split split, float[] params) {
    if (!plan.work().has(split)) {
      return Evaluation.NONE;
    }
    int[] changed = changed(params, Wire.FP32);
    hub.evaluate(split, params, changed);
    if (changed.length > 0) {
      evaluated = params.clone();
    }
    Evaluation[] parts = new Evaluation[plan.work().shards()];
    for (int i = 0; i < plan.workers(); i++) {
      RoundHub.Arrival arrival = hub.take();
      int shard = plan.firstShard(arrival.worker());
      for (Evaluation part : arrival.contribution().evaluations()) {
        parts[shard++] = part;
      }
    }
    return ShardTree.sum(List.of(parts));
  }

  @Override
  public Map<ShardTree.Node, Loss> losses() {
    return losses;
  }

  @Override
  public RoundTimes times() {
    return times;
  }

  @Override
  public List<float[]> states() {
    return hub.states();
  }

  @Override
  public void restore(List<float[]> states) {
    hub.restore(states);
  }

  @Override
  public long peakWorkerMemory() {
    return memory.value();
  }

  @Override
  public void close() {
    boolean healthy = hub.isHealthy();
    hub.stop();
    job.end(healthy);
    LocalLink.unregister(plan.run());
    if (network != null) {
      network.close();
    }
  }
}
