// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.network.Loss;

/**
 * Adds the sums of S shards along one fixed binary tree. Float addition is not associative, so the
 * order decides the bits; here it depends on S alone, never on who computed a sum or when it
 * arrived. The root is {@code [0, S)}, and a node {@code [lo, hi)} of several shards splits at
 * {@code lo + highestOneBit(hi - lo - 1)}, so that left subtrees are complete and a run of shards
 * is covered by few nodes.
 *
 * <p>A tree is used again for every round: {@link #take} an empty sum, fill it, {@link #add} it,
 * read {@link #total} or {@link #pending}, and {@link #clear}. Sums that were merged into others
 * are handed out again, so that rounds allocate no vectors once the first few are over. Not for use
 * by two threads at a time.
 */
public final class ShardTree {
  /** A node of the tree: the shards from {@code lo} to {@code hi}, exclusive. */
  public record Node(int lo, int hi) {}

  private static final class Slot {
    final Node node;
    final Slot parent;
    Slot left;
    Slot right;

    /** The sum of all its shards, while it waits for its sibling's. */
    WeightedSum sum;

    /** How many of its shards were added. */
    int counted;

    /** The loss it was added with, or null if it was not added as a whole. */
    Loss loss;

    Slot(Node node, Slot parent) {
      this.node = node;
      this.parent = parent;
    }

    boolean isComplete() {
      return counted == node.hi() - node.lo();
    }
  }

  private final Map<Node, Slot> slots = new HashMap<>();
  private final List<Node> leaves = new ArrayList<>();
  private final Slot root;
  private final Wire wire;
  private final Deque<WeightedSum> spare = new ArrayDeque<>();

  /**
   * The tree over shards 0 to {@code shards - 1}.
   *
   * @param wire by which sums are rounded before they are added; whoever sends one rounds it too
   */
  public ShardTree(int shards, Wire wire) {
    Checks.positive("shards", shards);
    this.wire = wire;
    root = grow(new Node(0, shards), null);
  }

  private Slot grow(Node node, Slot parent) {
    Slot slot = new Slot(node, parent);
    slots.put(node, slot);
    if (node.hi() - node.lo() == 1) {
      leaves.add(node);
    } else {
      slot.left = grow(left(node), slot);
      slot.right = grow(right(node), slot);
    }
    return slot;
  }

  /** The first part of a node of several shards. */
  static Node left(Node node) {
    return new Node(node.lo(), split(node.lo(), node.hi()));
  }

  /** The second part of a node of several shards. */
  static Node right(Node node) {
    return new Node(split(node.lo(), node.hi()), node.hi());
  }

  private static int split(int lo, int hi) {
    return lo + Integer.highestOneBit(hi - lo - 1);
  }

  /** The node of a single shard. */
  public Node leaf(int shard) {
    return leaves.get(shard);
  }

  /** An empty sum over {@code size} parameters, one that was merged before if there is one. */
  public WeightedSum take(int size) {
    WeightedSum sum = spare.poll();
    if (sum == null || sum.size() != size) {
      return new WeightedSum(size);
    }
    sum.clear();
    return sum;
  }

  /** Whether every shard of the node was added since the last {@link #clear}. */
  public boolean contains(Node node) {
    for (Slot slot = slot(node); slot != null; slot = slot.parent) {
      if (slot.isComplete()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adds the sum of a node. The tree owns the sum from here on: it adds its sibling's to it, or it
   * to its sibling's, as soon as both are there.
   *
   * @throws IllegalArgumentException if the tree has no such node, or if the node or a part of it
   *     was added already
   */
  public void add(Node node, WeightedSum sum) {
    Slot slot = slot(node);
    if (slot.counted > 0 || contains(node)) {
      throw new IllegalArgumentException(
          "shards [" + node.lo() + ", " + node.hi() + ") or some of them were added already");
    }
    for (Slot s = slot; s != null; s = s.parent) {
      s.counted += node.hi() - node.lo();
    }
    slot.loss = sum.loss();
    slot.sum = sum;
    for (Slot s = slot.parent; s != null && s.left.sum != null && s.right.sum != null; ) {
      merge(s);
      s = s.parent;
    }
  }

  private void merge(Slot slot) {
    slot.left.sum.round(wire);
    slot.right.sum.round(wire);
    slot.left.sum.add(slot.right.sum);
    slot.sum = slot.left.sum;
    spare.push(slot.right.sum);
    slot.left.sum = null;
    slot.right.sum = null;
  }

  private Slot slot(Node node) {
    Slot slot = slots.get(node);
    if (slot == null) {
      throw new IllegalArgumentException(
          "["
              + node.lo()
              + ", "
              + node.hi()
              + ") is no node of the tree over "
              + root.node.hi()
              + " shards");
    }
    return slot;
  }

  /**
   * The sums as far as they could be merged, from the first shards to the last. After a worker has
   * added all its shards, these are the nodes of {@link #cover}.
   */
  public Map<Node, WeightedSum> pending() {
    Map<Node, WeightedSum> sums = new LinkedHashMap<>();
    collect(root, sums);
    return sums;
  }

  /** The losses of the nodes as they were added, from the first shards to the last. */
  public Map<Node, Loss> losses() {
    Map<Node, Loss> losses = new LinkedHashMap<>();
    collectLosses(root, losses);
    return losses;
  }

  private static void collectLosses(Slot slot, Map<Node, Loss> losses) {
    if (slot.loss != null) {
      losses.put(slot.node, slot.loss);
    } else if (slot.left != null) {
      collectLosses(slot.left, losses);
      collectLosses(slot.right, losses);
    }
  }

  private static void collect(Slot slot, Map<Node, WeightedSum> sums) {
    if (slot.sum != null) {
      sums.put(slot.node, slot.sum);
    } else if (slot.left != null) {
      collect(slot.left, sums);
      collect(slot.right, sums);
    }
  }

  /** Whether every shard was added. */
  public boolean isComplete() {
    return root.isComplete();
  }

  /**
   * The sum over all shards; to be used until {@link #clear}.
   *
   * @throws IllegalStateException if shards are missing
   */
  public WeightedSum total() {
    if (!isComplete()) {
      throw new IllegalStateException(
          "the sums of " + root.counted + " of " + root.node.hi() + " shards are there");
    }
    return root.sum;
  }

  /** Forgets all sums, which {@link #take} hands out again. */
  public void clear() {
    clear(root);
  }

  private void clear(Slot slot) {
    if (slot.counted == 0) {
      return;
    }
    slot.counted = 0;
    slot.loss = null;
    if (slot.sum != null) {
      spare.push(slot.sum);
      slot.sum = null;
    }
    if (slot.left != null) {
      clear(slot.left);
      clear(slot.right);
    }
  }

  /** The fewest nodes that make up the shards {@code [lo, hi)}, from first to last. */
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

  /** Adds the evaluations of all shards, in shard order in the list, along the same tree. */
  public static Evaluation sum(List<Evaluation> parts) {
    return parts.isEmpty() ? Evaluation.NONE : sum(parts, 0, parts.size());
  }

  private static Evaluation sum(List<Evaluation> parts, int lo, int hi) {
    if (hi - lo == 1) {
      return parts.get(lo);
    }
    int middle = split(lo, hi);
    return sum(parts, lo, middle).plus(sum(parts, middle, hi));
  }
}
