// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.unroll.rnn.train.ShardTree;
import scala.Tuple2;

/**
 * Adds the sums of a group of workers, so that the driver gets few sums of many workers. Spark's
 * own {@code treeAggregate} adds in an order that depends on the number of partitions and on which
 * result arrives first; here only sums that are siblings in {@link ShardTree} are added, and what
 * has no sibling in its group goes on to the driver.
 */
final class GroupTask implements FlatMapFunction<Iterator<RoundResult>, RoundResult> {
  private static final long serialVersionUID = 1L;

  /** So many workers send to the driver, which adds faster than a second stage starts. */
  private static final int FEW = 8;

  private final SumFormat format;

  GroupTask(SumFormat format) {
    this.format = format;
  }

  /**
   * The results of a round as they go to the driver.
   *
   * @param results of training, one of each worker
   * @param workers how many
   */
  static JavaRDD<RoundResult> group(JavaRDD<RoundResult> results, int workers, SumFormat format) {
    if (workers <= FEW) {
      return results;
    }
    int size = size(workers);
    return results
        .mapToPair(result -> new Tuple2<>(result.reports().get(0).worker / size, result))
        .partitionBy(new HashPartitioner((workers + size - 1) / size))
        .values()
        .mapPartitions(new GroupTask(format));
  }

  /** Consecutive workers of a group: the root of all, as a power of two, as nodes have shards. */
  static int size(int workers) {
    int size = 1;
    while ((long) size * size < workers) {
      size *= 2;
    }
    return size;
  }

  @Override
  public Iterator<RoundResult> call(Iterator<RoundResult> results) {
    ShardTree tree = format.tree();
    List<WorkerReport> reports = new ArrayList<>();
    results.forEachRemaining(
        result -> {
          reports.addAll(result.reports());
          result.sums().forEach(sum -> format.add(sum, tree));
        });
    return List.of(RoundResult.of(reports, tree, format)).iterator();
  }
}
