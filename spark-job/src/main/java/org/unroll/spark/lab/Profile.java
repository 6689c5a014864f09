// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Wire;

/**
 * The costs of a training on this machine.
 *
 * @param parameters P, floats
 * @param batch B, streams over all executors together
 * @param window T, tokens of each stream in a round
 * @param changed floats of the parameters that an update over the whole batch changes, which go
 *     back
 * @param updateSeconds of the mean, the clipping and the optimiser's step
 * @param optimizer whose moments travel as well where shards make steps
 * @param wire how floats travel
 * @param shards what was measured, by rising rows, the last of all {@code batch} rows
 */
public record Profile(
    int parameters,
    int batch,
    int window,
    double changed,
    double updateSeconds,
    OptimizerSpec optimizer,
    Wire wire,
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

  /** Returns the parts that a vector can be cut into, for executors to own one each. */
  int spans() {
    return (parameters + ShardTree.SLICE - 1) / ShardTree.SLICE;
  }

  /**
   * Returns the bytes that go back after a round over so many rows, at least the batch, in every
   * window.
   */
  double changed(long rows, RoundSpec round) {
    double floats = Math.min(parameters, changed * rows / batch * round.windows());
    return bytes(floats, round);
  }

  /** Returns the bytes of the sum of a round over so many rows in every window. */
  double sent(long rows, RoundSpec round) {
    // Steps change what updates change, which of a sum is what goes up.
    boolean dense = round.isLocal() && changed >= parameters;
    return bytes(dense ? parameters : written(rows * round.windows()), round);
  }

  /** Returns the bytes of some floats of the parameters with all that is averaged as well. */
  private double bytes(double floats, RoundSpec round) {
    return (double) wire.bytes() * floats * round.floats(1, optimizer);
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
