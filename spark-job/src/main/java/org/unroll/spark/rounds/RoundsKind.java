// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.spark.cluster.Slots;

/** The kinds of rounds on Spark: how the sums of a round come together; the bits are the same. */
public enum RoundsKind {
  /** One Spark stage holds the workers for the whole run; a round is a message each way. */
  RESIDENT,
  /** A Spark job runs for every round, for clusters whose executors come and go. */
  JOB;

  /**
   * Makes rounds of any work. Resident workers are running when this returns. A worker needs at
   * least one shard, so there are never more workers than shards.
   *
   * @param workers how many tasks share the shards
   * @param sum where resident workers' sums are added
   * @throws org.unroll.rnn.io.InputException if Spark has fewer slots than resident workers
   * @throws org.unroll.spark.cluster.ClusterException if it has the slots, but its executors do not
   *     start the workers
   */
  public ClusterRounds create(JavaSparkContext spark, int workers, ShardWork work, SumKind sum) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be positive but was " + workers);
    }
    if (this == RESIDENT) {
      Slots.require(workers, spark.getConf());
    }
    int most = Math.min(workers, work.shards());
    WorkerPlan plan = new WorkerPlan(UUID.randomUUID(), most, work, sum);
    return switch (this) {
      case RESIDENT -> new ResidentRounds(spark, plan);
      case JOB -> new JobRounds(spark, plan);
    };
  }

  /** Makes rounds that decide by themselves where sums are added. */
  public ClusterRounds create(JavaSparkContext spark, int workers, ShardWork work) {
    return create(spark, workers, work, SumKind.AUTO);
  }
}
