// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;

/**
 * How the sums of a run travel.
 *
 * @param shards S, whose sums are added
 * @param parameters floats of a gradient
 * @param wire to what sums are rounded on their way
 */
record SumFormat(int shards, int parameters, Wire wire) implements Serializable {
  /** How the sum of a node travels. */
  Wire wire(ShardTree.Node node) {
    return wire.of(node, shards);
  }

  /** An empty tree for sums of this form. */
  ShardTree tree() {
    return new ShardTree(shards, wire);
  }

  /** A copy of what was written of a sum. */
  PackedSum pack(ShardTree.Node node, WeightedSum sum) {
    int[] runs = Runs.of(sum.parts());
    PackedFloats values = PackedFloats.of(Segment.of(sum.parts().values(), runs, wire(node)));
    return new PackedSum(node.lo(), node.hi(), sum.loss().sum(), sum.loss().weight(), runs, values);
  }

  /** Adds what was packed to a tree. */
  void add(PackedSum packed, ShardTree tree) {
    WeightedSum sum = tree.take(parameters);
    packed.values.unpack(Segment.of(sum.parts().values(), packed.runs, wire(packed.node())));
    for (int r = 0; r < packed.runs.length; r += 2) {
      sum.parts().wrote(packed.runs[r], packed.runs[r + 1]);
    }
    sum.add(new Loss(packed.loss, packed.weight));
    tree.add(packed.node(), sum);
  }
}
