// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.report.Figures;

/**
 * Rounds with workers that stay: one Spark stage holds them for the whole run, and a round is a
 * message to each of their processes and one from each.
 */
final class ResidentRounds extends ClusterRounds {
  private final RoundHub hub;
  private final NetworkHub network;
  private final WorkerJob job;

  /** The parameters of the last command: the array, and what came of it by then. */
  private float[] latest;

  private WeightedSum latestSum;

  /** The rounded copy of the parameters that workers of this process were last given. */
  private float[] rounded = {};

  /** A copy of the parameters of the last command if it was to evaluate, otherwise null. */
  private float[] evaluated;

  /**
   * Starts the workers, and waits until all are there.
   *
   * @throws org.unroll.rnn.io.InputException if there are fewer slots than workers
   */
  ResidentRounds(JavaSparkContext spark, WorkerPlan plan) {
    super(spark, plan);
    hub = new RoundHub(plan, () -> Slots.patience(spark.sc().conf()), () -> Slots.free(spark));
    network = Slots.inDriver(spark.getConf()) ? null : new NetworkHub(plan, hub);
    job = new WorkerJob(spark, plan, network == null ? null : network.address(), hub, memory);
    WorkerLink.Local.HUBS.put(plan.run(), hub);
    try {
      job.start();
      hub.awaitWorkers();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
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
    rounded = plan.work().wire().rounded(params, rounded);
    long encode = System.nanoTime() - encodeStart;
    hub.begin(Command.train(hub.nextRound(), window, rounded), changed);
    // A tree that lives for one round: the sums are the workers', who use them again by themselves.
    ShardTree tree = plan.wholeTree();
    List<Contribution.Share> shares = new ArrayList<>();
    for (int i = 0; i < plan.workers(); i++) {
      Contribution arrived = hub.take();
      Iterator<WeightedSum> sums = arrived.sums().iterator();
      plan.nodes(arrived.share().worker()).forEach(node -> tree.add(node, sums.next()));
      shares.add(arrived.share());
    }
    trained(shares, System.nanoTime() - start, encode, tree.adding());
    return tree.total();
  }

  private WeightedSum overNetwork(Window window, float[] params, int[] changed, long start) {
    long clearStart = System.nanoTime();
    long round = hub.nextRound();
    network.tree().begin(round);
    long clearing = System.nanoTime() - clearStart;
    network.takeEncoding();
    network.takeTraffic();
    network.takeSlowest();
    hub.begin(Command.train(round, window, params), changed);
    List<Contribution.Share> shares = takeShares();
    WeightedSum total = network.tree().total();
    long sum = clearing + network.adding();
    trained(shares, System.nanoTime() - start, network.takeEncoding(), sum);
    crossed(network.takeTraffic(), network.takeSlowest());
    return total;
  }

  private List<Contribution.Share> takeShares() {
    List<Contribution.Share> shares = new ArrayList<>();
    for (int i = 0; i < plan.workers(); i++) {
      shares.add(hub.take().share());
    }
    return shares;
  }

  /**
   * Returns which parameters may be others than the workers have. Between two rounds those are the
   * ones whose gradient counted.
   */
  private int[] changed(float[] params, Wire wire) {
    if (wire == Wire.FP32 && evaluated != null && Arrays.equals(evaluated, params)) {
      return Runs.NONE;
    }
    boolean goesOn = params == latest && evaluated == null && wire == plan.work().wire();
    return goesOn ? Runs.of(latestSum.parts()) : Runs.all(params.length);
  }

  @Override
  List<Contribution.Share> evaluateShards(Split split, float[] params) {
    int[] changed = changed(params, Wire.FP32);
    hub.begin(Command.evaluate(hub.nextRound(), split, params), changed);
    if (changed.length > 0) {
      evaluated = params.clone();
    }
    return takeShares();
  }

  @Override
  public Optional<String> describeSums() {
    if (network == null) {
      return Optional.empty();
    }
    String amount =
        "a gradient of %s, %s"
            .formatted(
                Figures.bytes(plan.gradientBytes()), Figures.count(hub.processes(), "executor"));
    return Optional.of(
        hub.shares()
            ? "Sums: shared by the executors (%s); the driver has one gradient in and the parameters out a round."
                .formatted(amount)
            : "Sums: added by the driver (%s).".formatted(amount));
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
  public void close() {
    boolean healthy = hub.isHealthy();
    hub.stop();
    job.end(healthy);
    WorkerLink.Local.HUBS.remove(plan.run());
    if (network != null) {
      network.close();
    }
  }
}
