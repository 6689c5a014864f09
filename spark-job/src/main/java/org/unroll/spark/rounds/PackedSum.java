// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import org.unroll.rnn.train.ShardTree;

/** The sum of a node as {@link SumFormat} packs it: plain fields, which Kryo writes as they are. */
final class PackedSum implements Serializable {
  private static final long serialVersionUID = 1L;

  final double loss;
  final double weight;

  /** Which elements were written; see {@link org.unroll.spark.rounds.Runs}. */
  final int[] runs;

  final PackedFloats values;
  private final int lo;
  private final int hi;

  PackedSum(int lo, int hi, double loss, double weight, int[] runs, PackedFloats values) {
    this.lo = lo;
    this.hi = hi;
    this.loss = loss;
    this.weight = weight;
    this.runs = runs;
    this.values = values;
  }

  ShardTree.Node node() {
    return new ShardTree.Node(lo, hi);
  }
}
