// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Adds the sums of a group of workers, so that the driver gets few sums of many workers. Spark's
 * own {@code treeAggregate} adds in an order that depends on the number of partitions and on which
 * result arrives first; here only sums that are siblings in the canonical tree are added, and what
 * has no sibling in its group goes on to the driver.
 */
final class GroupTask implements FlatMapFunction<Iterator<RoundResult>, RoundResult> {
  private static final long serialVersionUID = 1L;

  /** So many workers send to the driver, which adds faster than a second stage starts. */
  private static final int FEW = 8;

  private final Broadcast<RoundTask.Plan> plan;

  GroupTask(Broadcast<RoundTask.Plan> plan) {
    this.plan = plan;
  }

  /**
   * Returns the results of a round as they go to the driver.
   *
   * @param results of training, one of each worker
   * @param workers how many
   */
  static JavaRDD<RoundResult> group(
      JavaRDD<RoundResult> results, int workers, Broadcast<RoundTask.Plan> plan) {
    if (workers <= FEW) {
      return results;
    }
    int size = size(workers);
    return results
        .mapToPair(result -> new Tuple2<>(worker(result) / size, result))
        .partitionBy(new HashPartitioner((workers + size - 1) / size))
        .values()
        .mapPartitions(new GroupTask(plan));
  }

  /** Returns whose result it is; that of nobody who can be told comes to the first group. */
  private static int worker(RoundResult result) {
    return result.isInputError() ? 0 : result.message().shares().get(0).worker();
  }

  /** Returns the consecutive workers of a group: the root of all, as a power of two. */
  static int size(int workers) {
    int size = 1;
    while ((long) size * size < workers) {
      size *= 2;
    }
    return size;
  }

  @Override
  public Iterator<RoundResult> call(Iterator<RoundResult> results) {
    return List.of(add(plan.value().get(), results)).iterator();
  }

  /** Adds results as far as the canonical tree allows; one that is an input error is the result. */
  static RoundResult add(WorkerPlan plan, Iterator<RoundResult> results) {
    JointContribution group = null;
    List<String> locations = new ArrayList<>();
    while (results.hasNext()) {
      RoundResult result = results.next();
      if (result.isInputError()) {
        return result;
      }
      Contribution.Message message = result.message();
      group = group == null ? new JointContribution(plan, message.round(), List.of()) : group;
      group.add(message, result.floats());
      locations.addAll(result.locations());
    }
    JointContribution.Outgoing outgoing = group.outgoing();
    return new RoundResult(outgoing.message(), new PackedFloats(outgoing.floats()), locations);
  }
}
