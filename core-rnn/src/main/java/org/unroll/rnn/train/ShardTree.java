// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.unroll.rnn.math.Checks;

/**
 * The canonical tree adds the sums of S shards along one fixed binary tree. Float addition is not
 * associative, so the order decides the bits; here it depends on S alone, never on who computed a
 * sum or when it arrived. The root is {@code [0, S)}, and a node {@code [lo, hi)} of several shards
 * splits at {@code lo + highestOneBit(hi - lo - 1)}, so that left subtrees are complete and a run
 * of shards is covered by few nodes.
 *
 * <pre>
 *                 [0, 5)
 *           [0, 4)      [4, 5)
 *      [0, 2)  [2, 4)
 *   [0, 1) ..  .. [3, 4)
 * </pre>
 *
 * <p>Sums come {@link #whole}, where they were computed, or {@link #sliced}, where they are still
 * on their way: any number of threads add slices as they come, in any order. Each is merged with
 * its sibling's as soon as both are there. What is added twice counts once, also where a part comes
 * again within a larger sum or after one: a worker that takes over from one that died half-way
 * sends the same bits again.
 *
 * <p>A tree is used again for every round: {@link #begin}, {@link #take} an empty sum, fill it,
 * {@link #add} it, and read {@link #total} or {@link #pending}. Sums that were merged into others
 * are handed out again, so that rounds allocate no vectors once the first few are over.
 */
public final class ShardTree {
  /** The elements of every slice but the last, where sums have several. */
  public static final int SLICE = Slices.SIZE;

  /** Stands where a sum was merged into another, or into the total. */
  private static final WeightedSum MERGED = new WeightedSum(0);

  /**
   * A node of the tree.
   *
   * @param lo its first shard
   * @param hi the shard behind its last
   */
  public record Node(int lo, int hi) {
    /** Returns the node of a single shard. */
    public static Node of(int shard) {
      return new Node(shard, shard + 1);
    }

    @Override
    public String toString() {
      return "[" + lo + ", " + hi + ")";
    }
  }

  /** A node's place in the tree, by whose number its sums are found. */
  private static final class Place {
    final int number;
    final Node node;
    final Place parent;
    Place left;
    Place right;

    Place(int number, Node node, Place parent) {
      this.number = number;
      this.node = node;
      this.parent = parent;
    }

    Place sibling() {
      return this == parent.left ? parent.right : parent.left;
    }
  }

  /** One slice of all nodes; guarded by itself. */
  private static final class Column {
    long round;

    /** The sums by number of node: one that waits for its sibling's, {@link #MERGED}, or null. */
    final WeightedSum[] sums;

    Column(int nodes) {
      sums = new WeightedSum[nodes];
    }
  }

  private final int shards;
  private final int size;
  private final Wire wire;
  private final boolean whole;
  private final Map<Node, Place> places = new HashMap<>();
  private final Place root;
  private final Column[] columns;

  // Empty sums of whole slices, and of the last one; each guarded by itself.
  private final Deque<WeightedSum> spare = new ArrayDeque<>();
  private final Deque<WeightedSum> spareLast = new ArrayDeque<>();

  /** The total of several slices, whose marks and loss are guarded by itself; otherwise null. */
  private final WeightedSum total;

  private final LongAdder adding = new LongAdder();

  private ShardTree(int shards, int size, Wire wire, boolean whole) {
    Checks.positive("shards", shards);
    this.shards = shards;
    this.size = size;
    this.wire = wire;
    this.whole = whole;
    root = grow(new Node(0, shards), null);
    columns = new Column[whole ? 1 : Math.max(1, Slices.count(size))];
    Arrays.setAll(columns, i -> new Column(places.size()));
    total = columns.length > 1 ? new WeightedSum(size) : null;
  }

  /**
   * Returns a tree for sums that are in memory as a whole. The tree rounds them before it adds
   * them, as they would be rounded on their way.
   *
   * @param size parameters of a sum
   */
  public static ShardTree whole(int shards, int size, Wire wire) {
    return new ShardTree(shards, size, wire, true);
  }

  /**
   * Returns a tree for sums that come in slices, rounded as they came over the wire.
   *
   * @param size parameters of a sum
   */
  public static ShardTree sliced(int shards, int size, Wire wire) {
    return new ShardTree(shards, size, wire, false);
  }

  private Place grow(Node node, Place parent) {
    Place place = new Place(places.size(), node, parent);
    places.put(node, place);
    if (node.hi() - node.lo() > 1) {
      int middle = split(node.lo(), node.hi());
      place.left = grow(new Node(node.lo(), middle), place);
      place.right = grow(new Node(middle, node.hi()), place);
    }
    return place;
  }

  /** Returns where a node of several shards splits. */
  static int split(int lo, int hi) {
    return lo + Integer.highestOneBit(hi - lo - 1);
  }

  /** Returns the number of elements of a sum. */
  public int size() {
    return size;
  }

  /** Returns how many slices a sum has: one where sums are whole. */
  public int slices() {
    return columns.length;
  }

  /** Returns the number of elements of every slice but the last, which may have fewer. */
  public int sliceSize() {
    return columns.length == 1 ? size : Slices.SIZE;
  }

  /** Forgets everything, and takes the sums of another round from here on. */
  public void begin(long round) {
    for (int slice = 0; slice < columns.length; slice++) {
      Column column = columns[slice];
      synchronized (column) {
        column.round = round;
        for (int i = 0; i < column.sums.length; i++) {
          give(slice, column.sums[i]);
          column.sums[i] = null;
        }
      }
    }
    if (total != null) {
      total.clear();
    }
    adding.reset();
  }

  /** Returns the nanoseconds that all threads together have been adding since {@link #begin}. */
  public long adding() {
    return adding.sum();
  }

  /** Returns an empty whole sum, to be filled and added. */
  public WeightedSum take() {
    return take(0);
  }

  /** Returns an empty sum over a slice, to be filled and added. */
  public WeightedSum take(int slice) {
    Deque<WeightedSum> from = spare(slice);
    WeightedSum sum;
    synchronized (from) {
      sum = from.poll();
    }
    return sum == null ? new WeightedSum(Math.min(sliceSize(), size - slice * sliceSize())) : sum;
  }

  private void give(int slice, WeightedSum sum) {
    if (sum != null && sum != MERGED) {
      sum.clear();
      Deque<WeightedSum> to = spare(slice);
      synchronized (to) {
        to.push(sum);
      }
    }
  }

  private Deque<WeightedSum> spare(int slice) {
    return slice == columns.length - 1 ? spareLast : spare;
  }

  /**
   * Adds the whole sum of a node, which the tree owns from here on: it adds its sibling's to it, or
   * it to its sibling's.
   *
   * @throws IllegalArgumentException if the tree has no such node
   */
  public void add(Node node, WeightedSum sum) {
    add(columns[0].round, node, 0, sum);
  }

  /**
   * Adds a slice of the sum of a node, which the tree owns from here on. The loss comes with the
   * first slice. What is of another round than the current one does not count.
   *
   * @param slice its number
   * @throws IllegalArgumentException if the tree has no such node
   */
  public void add(long round, Node node, int slice, WeightedSum sum) {
    long start = System.nanoTime();
    Place place = place(node);
    Column column = columns[slice];
    synchronized (column) {
      if (column.round != round || isThere(column, place)) {
        give(slice, sum);
        return;
      }
      forgetParts(column, slice, place);
      climb(column, slice, place, sum);
    }
    adding.add(System.nanoTime() - start);
  }

  private Place place(Node node) {
    Place place = places.get(node);
    if (place == null) {
      throw new IllegalArgumentException(
          node + " is no node of the tree over " + shards + " shards");
    }
    return place;
  }

  /** Returns whether a node's sum was added, by itself, in parts or within a larger sum. */
  private static boolean isThere(Column column, Place place) {
    for (Place p = place; p != null; p = p.parent) {
      if (column.sums[p.number] != null) {
        return true;
      }
    }
    return false;
  }

  /** Gives back the parts of a sum that came whole. */
  private void forgetParts(Column column, int slice, Place place) {
    if (place.left != null) {
      for (Place part : new Place[] {place.left, place.right}) {
        give(slice, column.sums[part.number]);
        column.sums[part.number] = MERGED;
        forgetParts(column, slice, part);
      }
    }
  }

  private void climb(Column column, int slice, Place from, WeightedSum sum) {
    Place place = from;
    while (place != root) {
      Place sibling = place.sibling();
      WeightedSum other = column.sums[sibling.number];
      if (other == null) {
        column.sums[place.number] = sum;
        return;
      }
      column.sums[sibling.number] = MERGED;
      column.sums[place.number] = MERGED;
      place = place.parent;
      if (place == root && total != null) {
        finish(column, slice, sum, other);
        return;
      }
      merge(sum, other, place);
      give(slice, other);
    }
    if (total == null) {
      column.sums[root.number] = sum;
    } else {
      finish(column, slice, sum, null);
    }
  }

  /** Adds one sum to another. Addition of two numbers has no order, so either may come first. */
  private void merge(WeightedSum sum, WeightedSum other, Place into) {
    if (whole) {
      sum.round(wire);
      other.round(wire);
    }
    sum.add(other);
    if (!whole && into != root) {
      sum.round(wire);
    }
  }

  /** Puts the sum of the last two into the total, or the last one alone. */
  private void finish(Column column, int slice, WeightedSum sum, WeightedSum other) {
    sum.writeTo(total, slice * sliceSize(), other);
    column.sums[root.number] = MERGED;
    give(slice, sum);
    give(slice, other);
  }

  /**
   * Returns the sums as far as they could be merged, from the first shards to the last, where sums
   * are whole. After a worker has added all its shards, these are the nodes of {@link #cover}.
   */
  public Map<Node, WeightedSum> pending() {
    Map<Node, WeightedSum> sums = new LinkedHashMap<>();
    collect(root, sums);
    return sums;
  }

  private void collect(Place place, Map<Node, WeightedSum> sums) {
    WeightedSum sum = columns[0].sums[place.number];
    if (sum != null && sum != MERGED) {
      sums.put(place.node, sum);
    } else if (place.left != null) {
      collect(place.left, sums);
      collect(place.right, sums);
    }
  }

  /** Returns whether the sum over all shards is there. */
  public boolean isComplete() {
    for (Column column : columns) {
      synchronized (column) {
        if (column.sums[root.number] == null) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Returns the sum over all shards, to be used until the next {@link #begin}.
   *
   * @throws IllegalStateException if something is missing
   */
  public WeightedSum total() {
    for (int i = 0; i < columns.length; i++) {
      synchronized (columns[i]) {
        if (columns[i].sums[root.number] == null) {
          throw new IllegalStateException(
              "slice %d of %d of the sum over %d shards is missing"
                  .formatted(i, columns.length, shards));
        }
      }
    }
    return total == null ? columns[0].sums[root.number] : total;
  }

  /** Returns the fewest nodes that make up the shards {@code [lo, hi)}, from first to last. */
  public static List<Node> cover(int lo, int hi, int shards) {
    if (lo < 0 || hi < lo || hi > shards) {
      throw new IllegalArgumentException(
          "[" + lo + ", " + hi + ") is no range of " + shards + " shards");
    }
    List<Node> nodes = new ArrayList<>();
    cover(lo, hi, 0, shards, nodes);
    return nodes;
  }

  private static void cover(int lo, int hi, int nodeLo, int nodeHi, List<Node> nodes) {
    if (hi <= nodeLo || nodeHi <= lo) {
      return;
    }
    if (lo <= nodeLo && nodeHi <= hi) {
      nodes.add(new Node(nodeLo, nodeHi));
      return;
    }
    int middle = split(nodeLo, nodeHi);
    cover(lo, hi, nodeLo, middle, nodes);
    cover(lo, hi, middle, nodeHi, nodes);
  }

  /**
   * Returns the first of the shards that a worker hosts; its last is the one before the next
   * worker's first.
   */
  public static int firstShard(int worker, int workers, int shards) {
    return (int) ((long) worker * shards / workers);
  }
}
