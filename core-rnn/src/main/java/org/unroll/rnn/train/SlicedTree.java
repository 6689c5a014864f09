// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;

/**
 * {@link ShardTree} slice by slice, for sums that are still on their way: any number of threads add
 * slices as they come, in any order, and each is merged with its sibling's as soon as both are
 * there. What is added twice counts once, also where a part comes again within a larger sum or
 * after one: a worker that takes over from one that died half-way sends the same bits again.
 *
 * <pre>
 *   add(round, [0, 1), slice 0)  waits         add(round, [1, 2), slice 0)  makes [0, 2), slice 0
 *   add(round, [0, 2), slice 1)                and its parent, and so on, up to the total
 * </pre>
 */
public final class SlicedTree {
  /** Stands where a slice was merged into its parent's. */
  private static final Slice MERGED = new Slice();

  /** Added to the sum of a worker that has all shards. */
  private static final Slice NOTHING = new Slice();

  private final int size;
  private final int slices;
  private final Wire wire;

  /** Nodes of the tree by their numbers: the root is 0, and children come behind their parent. */
  private final Map<ShardTree.Node, Integer> numbers = new HashMap<>();

  private final List<Integer> parents = new ArrayList<>();
  private final List<Integer> siblings = new ArrayList<>();
  private final List<List<Integer>> children = new ArrayList<>();

  /** One for every slice, and the last one for the loss. */
  private final Column[] columns;

  /** Of the nodes that came, first shards first; guarded by itself. */
  private final Map<ShardTree.Node, Loss> losses =
      new TreeMap<>(
          Comparator.comparingInt(ShardTree.Node::lo).thenComparingInt(ShardTree.Node::hi));

  private final Deque<Slice> spare = new ArrayDeque<>();
  private final WeightedSum total;
  private final LongAdder adding = new LongAdder();

  /** What there is of one slice, of all nodes; guarded by itself. */
  private static final class Column {
    long round;
    final Slice[] waiting;
    final BitSet written = new BitSet(Slices.BLOCKS);
    boolean complete;

    Column(int nodes) {
      waiting = new Slice[nodes];
    }
  }

  /** The tree over shards 0 to {@code shards - 1}, of sums of {@code size} parameters. */
  public SlicedTree(int shards, int size, Wire wire) {
    Checks.positive("shards", shards);
    this.size = size;
    this.wire = wire;
    slices = Slices.count(size);
    grow(new ShardTree.Node(0, shards), -1);
    columns = new Column[slices + 1];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new Column(parents.size());
    }
    total = new WeightedSum(size);
  }

  private int grow(ShardTree.Node node, int parent) {
    int number = parents.size();
    numbers.put(node, number);
    parents.add(parent);
    siblings.add(-1);
    children.add(List.of());
    if (node.hi() - node.lo() > 1) {
      int left = grow(ShardTree.left(node), number);
      int right = grow(ShardTree.right(node), number);
      siblings.set(left, right);
      siblings.set(right, left);
      children.set(number, List.of(left, right));
    }
    return number;
  }

  /** Elements of a sum. */
  public int size() {
    return size;
  }

  /** Elements of a slice; the last may have fewer. */
  public static int sliceSize() {
    return Slices.SIZE;
  }

  /** How many slices a sum has. */
  public int slices() {
    return slices;
  }

  /** Forgets everything, and takes the sums of another round from here on. */
  public void begin(long round) {
    for (Column column : columns) {
      synchronized (column) {
        column.round = round;
        column.complete = false;
        column.written.clear();
        for (int i = 0; i < column.waiting.length; i++) {
          give(column.waiting[i]);
          column.waiting[i] = null;
        }
      }
    }
    synchronized (losses) {
      losses.clear();
    }
    total.clear();
    adding.reset();
  }

  /** The nanoseconds that all threads together have been adding since {@link #begin}. */
  public long adding() {
    return adding.sum();
  }

  /** An empty slice to be filled and added. */
  public Slice take() {
    synchronized (spare) {
      Slice slice = spare.poll();
      return slice == null ? new Slice() : slice;
    }
  }

  /** Takes back a slice that is not added after all. */
  public void give(Slice slice) {
    if (slice != null && slice != MERGED && slice != NOTHING) {
      slice.clear();
      synchronized (spare) {
        spare.push(slice);
      }
    }
  }

  /**
   * Adds a slice of the sum of a node, rounded as it came over the wire; the tree owns it from here
   * on. Those of other rounds than the current one do not count.
   *
   * @param index which slice
   * @throws IllegalArgumentException if the tree has no such node
   */
  public void add(long round, ShardTree.Node node, int index, Slice slice) {
    addTo(columns[index], round, number(node), index, slice);
  }

  /** Adds the loss of a node, in the same way. */
  public void add(long round, ShardTree.Node node, Loss loss) {
    synchronized (columns[slices]) {
      if (columns[slices].round == round) {
        synchronized (losses) {
          losses.put(node, loss);
        }
      }
    }
    Slice slice = take();
    slice.setLoss(loss);
    addTo(columns[slices], round, number(node), slices, slice);
  }

  /** The losses of the nodes as they came, those of several attempts among them. */
  public Map<ShardTree.Node, Loss> losses() {
    synchronized (losses) {
      return new LinkedHashMap<>(losses);
    }
  }

  private int number(ShardTree.Node node) {
    Integer number = numbers.get(node);
    if (number == null) {
      throw new IllegalArgumentException(
          "[" + node.lo() + ", " + node.hi() + ") is no node of the tree");
    }
    return number;
  }

  private void addTo(Column column, long round, int node, int index, Slice slice) {
    long start = System.nanoTime();
    synchronized (column) {
      if (column.round != round || isThere(column, node)) {
        give(slice);
        return;
      }
      children.get(node).forEach(child -> forget(column, child));
      climb(column, node, index, slice);
    }
    adding.add(System.nanoTime() - start);
  }

  /** Whether a node's slice was added, by itself or within a larger sum. */
  private boolean isThere(Column column, int node) {
    for (int n = node; n >= 0; n = parents.get(n)) {
      if (column.waiting[n] != null) {
        return true;
      }
    }
    return false;
  }

  /** What is part of a slice that came whole. */
  private void forget(Column column, int node) {
    give(column.waiting[node]);
    column.waiting[node] = MERGED;
    children.get(node).forEach(child -> forget(column, child));
  }

  private void climb(Column column, int from, int index, Slice slice) {
    int length = index == slices ? 0 : Slices.end(index, size) - Slices.start(index);
    for (int node = from; node != 0; node = parents.get(node)) {
      Slice other = column.waiting[siblings.get(node)];
      if (other == null) {
        column.waiting[node] = slice;
        return;
      }
      column.waiting[siblings.get(node)] = MERGED;
      column.waiting[node] = MERGED;
      if (parents.get(node) == 0) {
        finish(column, index, length, slice, other);
        return;
      }
      // Addition of two numbers has no order, so it does not matter whose slice was first.
      slice.add(other, length);
      slice.round(wire, length);
      give(other);
    }
    finish(column, index, length, slice, NOTHING);
  }

  /** Puts the sum of the last two into the total. */
  private void finish(Column column, int index, int length, Slice slice, Slice other) {
    column.waiting[0] = MERGED;
    column.complete = true;
    if (index == slices) {
      total.add(slice.loss().plus(other.loss()));
    } else {
      slice.sumTo(other, length, total.parts().values(), Slices.start(index));
      slice.markIn(column.written);
      other.markIn(column.written);
    }
    give(slice);
    give(other);
  }

  /**
   * The sum over all shards; to be used until the next {@link #begin}.
   *
   * @throws IllegalStateException if something is missing
   */
  public WeightedSum total() {
    for (int i = 0; i < columns.length; i++) {
      synchronized (columns[i]) {
        if (!columns[i].complete) {
          throw new IllegalStateException("slice " + i + " of " + columns.length + " is missing");
        }
        claim(columns[i].written, Slices.start(i));
      }
    }
    return total;
  }

  private void claim(BitSet written, int at) {
    for (int b = written.nextSetBit(0); b >= 0; ) {
      int end = written.nextClearBit(b);
      total.parts().wrote(at + b * Gradient.BLOCK, Math.min(size, at + end * Gradient.BLOCK));
      b = written.nextSetBit(end);
    }
  }
}
