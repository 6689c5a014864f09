// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * Rounds with workers that stay: one Spark stage holds them for the whole run, and a round is a
 * message to each and one from each.
 */
final class ResidentRounds implements Rounds {
  private final WorkerPlan plan;
  private final RoundHub hub;
  private final NetworkHub network;
  private final WorkerJob job;

  /** The parameters of the last command if it was to evaluate, otherwise null. */
  private float[] evaluated;

  /**
   * Starts the workers, and waits until all are there.
   *
   * @throws org.unroll.rnn.io.InputException if there are fewer slots than workers
   */
  ResidentRounds(JavaSparkContext spark, WorkerPlan plan) {
    this.plan = plan;
    long patience = spark.getConf().getTimeAsSeconds("spark.unroll.start.timeout", "60s");
    hub = new RoundHub(plan, Duration.ofSeconds(patience));
    network = Slots.inDriver(spark.getConf()) ? null : new NetworkHub(plan, hub);
    job = new WorkerJob(spark, plan, network == null ? null : network.address(), hub);
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
    hub.train(window, params, !Arrays.equals(evaluated, params));
    evaluated = null;
    // A tree that lives for one round: the sums are the workers', who use them again by themselves.
    ShardTree tree = new ShardTree(plan.work().shards());
    while (!tree.isComplete()) {
      RoundHub.Arrival arrival = hub.take();
      Iterator<WeightedSum> sums = arrival.contribution().sums().iterator();
      plan.nodes(arrival.worker()).forEach(node -> tree.add(node, sums.next()));
    }
    return tree.total();
  }

  @Override
  public Loss evaluate(Split split, float[] params) {
    if (!plan.work().has(split)) {
      return Loss.ZERO;
    }
    boolean changed = !Arrays.equals(evaluated, params);
    hub.evaluate(split, params, changed);
    if (changed) {
      evaluated = params.clone();
    }
    Loss[] losses = new Loss[plan.work().shards()];
    for (int i = 0; i < plan.workers(); i++) {
      RoundHub.Arrival arrival = hub.take();
      int shard = plan.firstShard(arrival.worker());
      for (Loss loss : arrival.contribution().losses()) {
        losses[shard++] = loss;
      }
    }
    return ShardTree.sum(List.of(losses));
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
