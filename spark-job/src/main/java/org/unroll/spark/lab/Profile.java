// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The costs of a model on this machine.
 *
 * @param parameters P, floats
 * @param batch B, streams over all executors together
 * @param window T, tokens of each stream in a round
 * @param changed floats of the parameters that an update over the whole batch changes, which go
 *     back
 * @param updateSeconds of the mean, the clipping and the optimiser's step
 * @param shards what was measured, by rising rows, the last of all {@code batch} rows
 */
public record Profile(
    int parameters,
    int batch,
    int window,
    double changed,
    double updateSeconds,
    List<ShardCost> shards) {

  /**
   * The cost of a shard of some streams.
   *
   * @param rows streams
   * @param seconds of a window, forward and backward
   * @param written floats of the gradient that are not left out: of an embedding, the rows of the
   *     tokens that occurred
   */
  public record ShardCost(int rows, double seconds, double written) {}

  public Profile {
    if (shards.isEmpty() || shards.get(shards.size() - 1).rows() != batch) {
      throw new IllegalArgumentException("the whole batch of " + batch + " rows was not measured");
    }
  }

  /** Returns the seconds of a window of a shard, between those measured in proportion. */
  double compute(int rows) {
    return between(rows, ShardCost::seconds);
  }

  /** Returns the floats that go back after an update over so many rows, at least the batch. */
  double changed(long rows) {
    return Math.min(parameters, changed * rows / batch);
  }

  /**
   * Returns the floats of the gradient of so many rows; of more than were measured at most in
   * proportion, and never more than there are.
   */
  public double written(long rows) {
    if (rows > batch) {
      double most = shards.get(shards.size() - 1).written() * rows / batch;
      return Math.min(parameters, most);
    }
    return between((int) rows, ShardCost::written);
  }

  private double between(int rows, ToDoubleFunction<ShardCost> cost) {
    ShardCost below =
        shards.stream().filter(s -> s.rows() <= rows).reduce((a, b) -> b).orElse(shards.get(0));
    ShardCost above = shards.stream().filter(s -> s.rows() >= rows).findFirst().orElseThrow();
    double low = cost.applyAsDouble(below);
    if (above.rows() == below.rows()) {
      return low;
    }
    double share = (double) (rows - below.rows()) / (above.rows() - below.rows());
    return low + share * (cost.applyAsDouble(above) - low);
  }
}
