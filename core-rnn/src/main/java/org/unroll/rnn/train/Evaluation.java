// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.network.Loss;

/**
 * An evaluation is what a part of the data adds up to. Those of all parts, added along {@link
 * ShardTree}, are that of the whole.
 *
 * @param loss the summed loss with its weight
 * @param sums of a {@link org.unroll.rnn.network.Metric}; empty where there is none
 */
public record Evaluation(Loss loss, double[] sums) implements Serializable {
  private static final double[] NO_SUMS = {};

  /** The evaluation of no data. */
  public static final Evaluation NONE = new Evaluation(Loss.ZERO, NO_SUMS);

  /** Returns an evaluation of a loss alone, without sums. */
  public static Evaluation of(Loss loss) {
    return new Evaluation(loss, NO_SUMS);
  }

  /**
   * Returns the sum of the evaluations of all shards along the canonical tree.
   *
   * @param parts one of each shard, in their order
   */
  public static Evaluation sum(List<Evaluation> parts) {
    return switch (parts.size()) {
      case 0 -> NONE;
      case 1 -> parts.get(0);
      default -> {
        int middle = ShardTree.split(0, parts.size());
        yield sum(parts.subList(0, middle)).plus(sum(parts.subList(middle, parts.size())));
      }
    };
  }

  /** Returns the evaluation of this part and another. */
  public Evaluation plus(Evaluation other) {
    if (sums.length == 0 || other.sums.length == 0) {
      return new Evaluation(loss.plus(other.loss), sums.length == 0 ? other.sums : sums);
    }
    if (sums.length != other.sums.length) {
      throw new IllegalArgumentException(
          "cannot add %d sums to %d".formatted(other.sums.length, sums.length));
    }
    double[] both = sums.clone();
    for (int i = 0; i < both.length; i++) {
      both[i] += other.sums[i];
    }
    return new Evaluation(loss.plus(other.loss), both);
  }
}
