// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.Iterator;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Slice;
import org.unroll.rnn.train.SlicedTree;
import org.unroll.rnn.train.Wire;

/**
 * The sum of a node on its way in: gives the segments to be filled, and adds each slice to the tree
 * as soon as it is full.
 */
public final class IncomingSum implements Iterator<Segment> {
  private final SlicedTree tree;
  private final long round;
  private final ShardTree.Node node;
  private final int[] runs;
  private final Wire wire;
  private int run;
  private int at;
  private int index;
  private Slice slice;

  /**
   * @param runs which elements come
   */
  public IncomingSum(SlicedTree tree, long round, ShardTree.Node node, int[] runs, Wire wire) {
    this.tree = tree;
    this.round = round;
    this.node = node;
    this.runs = runs;
    this.wire = wire;
    at = runs.length == 0 ? 0 : runs[0];
  }

  /** Whether there is another segment; what was given before is full. */
  @Override
  public boolean hasNext() {
    while (index < tree.slices()) {
      if (run < runs.length && at < end()) {
        return true;
      }
      tree.add(round, node, index, slice == null ? tree.take() : slice);
      slice = null;
      index++;
    }
    return false;
  }

  private int start() {
    return index * SlicedTree.sliceSize();
  }

  private long end() {
    return (index + 1L) * SlicedTree.sliceSize();
  }

  @Override
  public Segment next() {
    if (slice == null) {
      slice = tree.take();
    }
    int from = at - start();
    int to = (int) Math.min(runs[run + 1], end()) - start();
    slice.write(from / Gradient.BLOCK, Gradient.blocks(to));
    at = start() + to;
    if (at == runs[run + 1]) {
      run += 2;
      at = run < runs.length ? runs[run] : at;
    }
    return new Segment(slice.values(), from, to, wire);
  }
}
