// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.spark.cluster.Slots;

/** Makes the rounds of a training on Spark. */
public final class RoundsFactory {
  private RoundsFactory() {}

  /**
   * Rounds of any work. Resident workers are running when this returns. A worker needs at least one
   * shard, so there are never more workers than shards.
   *
   * @param workers how many tasks share the shards
   * @throws org.unroll.rnn.io.InputException if Spark has fewer slots than resident workers
   */
  public static ClusterRounds create(
      JavaSparkContext spark, RoundsKind kind, int workers, ShardWork work) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be positive but was " + workers);
    }
    if (kind == RoundsKind.RESIDENT) {
      Slots.require(workers, spark.getConf());
    }
    WorkerPlan plan = new WorkerPlan(UUID.randomUUID(), Math.min(workers, work.shards()), work);
    return switch (kind) {
      case RESIDENT -> new ResidentRounds(spark, plan);
      case JOB -> new JobRounds(spark, plan);
    };
  }
}
