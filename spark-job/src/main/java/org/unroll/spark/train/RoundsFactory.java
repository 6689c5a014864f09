// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.SplitSources;

/** Makes the rounds of a training on Spark. */
public final class RoundsFactory {
  private RoundsFactory() {}

  /**
   * Rounds of a language model. Resident workers are running when this returns. A worker needs at
   * least one shard, so there are never more workers than shards.
   *
   * @param workers how many tasks share the shards
   * @throws org.unroll.rnn.io.InputException if Spark has fewer slots than resident workers
   */
  public static ClusterRounds create(
      SparkSession spark,
      RoundsKind kind,
      int workers,
      SequenceModel model,
      TrainSpec spec,
      SplitSources data) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return create(context, kind, workers, new ModelWork(model.spec(), spec, data));
  }

  /**
   * Rounds of any work; see {@link #create(SparkSession, RoundsKind, int, SequenceModel, TrainSpec,
   * SplitSources)}.
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
