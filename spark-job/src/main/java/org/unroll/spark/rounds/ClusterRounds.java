// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WorkerTimes;

/** Rounds whose workers are Spark tasks; {@link RoundsKind} makes them. */
public abstract class ClusterRounds implements Rounds {
  /**
   * The name of the setting of Spark that says whether processes of one machine pass numbers
   * through shared memory; true by default.
   */
  public static final String SHARED_MEMORY = "spark.unroll.shared.memory";

  final WorkerPlan plan;
  final Largest memory = new Largest();
  private final Map<ShardTree.Node, Loss> losses =
      new TreeMap<>(Comparator.comparingInt(ShardTree.Node::lo));
  private final Map<String, Integer> slow = new HashMap<>();
  private RoundTimes times = RoundTimes.NONE;
  private Traffic traffic = Traffic.NONE;
  private long trafficIn;
  private long trafficOut;
  private long rounds;

  ClusterRounds(JavaSparkContext spark, WorkerPlan plan) {
    this.plan = plan;
    spark.sc().register(memory);
  }

  /** The largest of the numbers that tasks add; 0 where there is none. */
  static final class Largest extends AccumulatorV2<Long, Long> {
    private static final long serialVersionUID = 1L;

    private long largest;

    @Override
    public boolean isZero() {
      return largest == 0;
    }

    @Override
    public Largest copy() {
      Largest copy = new Largest();
      copy.largest = largest;
      return copy;
    }

    @Override
    public void reset() {
      largest = 0;
    }

    @Override
    public void add(Long number) {
      largest = Math.max(largest, number);
    }

    @Override
    public void merge(AccumulatorV2<Long, Long> other) {
      add(other.value());
    }

    @Override
    public Long value() {
      return largest;
    }
  }

  /**
   * Takes what all workers tell of a round of training beside their sums; the nanoseconds are those
   * of {@link RoundTimes#of}.
   */
  final void trained(List<Contribution.Share> shares, long nanos, long encode, long sum) {
    losses.clear();
    List<WorkerTimes> workerTimes = new ArrayList<>();
    for (Contribution.Share share : shares) {
      workerTimes.add(share.times());
      Iterator<Evaluation> parts = share.parts().iterator();
      plan.nodes(share.worker()).forEach(node -> losses.put(node, parts.next().loss()));
    }
    times = RoundTimes.of(nanos, workerTimes, encode, sum);
  }

  /** Takes what crossed at the driver in a round of training, and its slowest link. */
  final void crossed(Traffic bytes, LinkTime slowest) {
    traffic = bytes;
    trafficIn += bytes.in();
    trafficOut += bytes.out();
    rounds++;
    if (slowest.nanos() > 0) {
      slow.merge(slowest.name(), 1, Integer::sum);
    }
  }

  /** Returns the bytes at the driver in the last round of training; nothing where none is known. */
  public final Traffic traffic() {
    return traffic;
  }

  /** Returns the bytes at the driver in a round of training, the mean of all since the start. */
  public final Traffic meanTraffic() {
    return rounds == 0 ? Traffic.NONE : new Traffic(trafficIn / rounds, trafficOut / rounds);
  }

  /**
   * Returns the link over which a round's numbers took longest, as {@code HOST to HOST}: the one
   * that was slowest in most rounds of training; nothing where all is in one process.
   */
  public final Optional<String> slowestLink() {
    return slow.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  /** Returns in a sentence where sums are added; nothing where there is no choice. */
  public Optional<String> describeSums() {
    return Optional.empty();
  }

  /** Evaluates a split that there is; returns the shares of all workers. */
  abstract List<Contribution.Share> evaluateShards(Split split, float[] params);

  @Override
  public final Evaluation evaluate(Split split, float[] params) {
    if (!plan.work().has(split)) {
      return Evaluation.NONE;
    }
    Evaluation[] parts = new Evaluation[plan.work().shards()];
    for (Contribution.Share share : evaluateShards(split, params)) {
      int shard = plan.firstShard(share.worker());
      for (Evaluation part : share.parts()) {
        parts[shard++] = part;
      }
    }
    return Evaluation.sum(List.of(parts));
  }

  @Override
  public final int windows() {
    return plan.work().windows();
  }

  @Override
  public final Map<ShardTree.Node, Loss> losses() {
    return new LinkedHashMap<>(losses);
  }

  @Override
  public final RoundTimes times() {
    return times;
  }

  /**
   * Returns the most memory that a worker's process has needed, in bytes, of all workers that have
   * ended well; see {@link org.unroll.spark.report.PeakMemory}. It is known once the rounds are
   * closed, and 0 where no worker has ended well.
   */
  public final long peakWorkerMemory() {
    return memory.value();
  }
}
