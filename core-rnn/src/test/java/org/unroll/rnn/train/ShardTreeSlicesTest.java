// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;

class ShardTreeSlicesTest {
  private static final int SIZE = 3 * Slices.SIZE + 777;
  private static final int SHARDS = 5;

  /** A shard's sum, of which some blocks were not written. */
  private static WeightedSum leaf(int shard) {
    Random random = new Random(shard);
    WeightedSum sum = new WeightedSum(SIZE);
    for (int from = 0; from < SIZE; from += 3 * Gradient.BLOCK) {
      if (random.nextInt(3) > 0) {
        int to = Math.min(SIZE, from + (1 + random.nextInt(3)) * Gradient.BLOCK);
        sum.parts().addTo(from, to);
        for (int i = from; i < to; i++) {
          sum.parts().values()[i] = (float) (random.nextGaussian() * Math.exp(random.nextInt(9)));
        }
      }
    }
    sum.add(new Loss(1.1 * shard + 0.1, shard + 1));
    return sum;
  }

  /** The sum of a node, as a worker that hosts its shards makes it. */
  private static WeightedSum sum(ShardTree.Node node, Wire wire) {
    ShardTree tree = ShardTree.whole(SHARDS, SIZE, wire);
    IntStream.range(node.lo(), node.hi()).forEach(s -> tree.add(ShardTree.Node.of(s), leaf(s)));
    return tree.pending().get(node);
  }

  private static void assertTotal(ShardTree tree, Wire wire) {
    WeightedSum expected = sum(new ShardTree.Node(0, SHARDS), wire);
    assertThat(tree.total().loss()).isEqualTo(expected.loss());
    for (int from = 0; from < SIZE; from += Gradient.BLOCK) {
      assertThat(tree.total().parts().nextWritten(from) == from)
          .isEqualTo(expected.parts().nextWritten(from) == from);
    }
    assertThat(tree.total().parts().dense()).isEqualTo(expected.parts().dense());
  }

  /** The slices and the loss of a node's sum, as calls that add them. */
  private static List<Runnable> calls(ShardTree tree, long round, ShardTree.Node node, Wire wire) {
    WeightedSum sum = sum(node, wire);
    if (node.hi() - node.lo() < SHARDS) {
      sum.round(wire); // as if it had travelled
    }
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < tree.slices(); i++) {
      int index = i;
      calls.add(() -> tree.add(round, node, index, slice(tree, sum, index)));
    }
    return calls;
  }

  private static WeightedSum slice(ShardTree tree, WeightedSum sum, int index) {
    WeightedSum slice = tree.take(index);
    if (index == 0) {
      slice.add(sum.loss());
    }
    int start = Slices.start(index);
    int end = Slices.end(index, SIZE);
    for (int from = sum.parts().nextWritten(start); from < end; ) {
      int to = Math.min(end, sum.parts().endOfWritten(from));
      float[] values = slice.parts().values();
      System.arraycopy(sum.parts().values(), from, values, from - start, to - from);
      slice.parts().wrote(from - start, to - start);
      from = sum.parts().nextWritten(to);
    }
    return slice;
  }

  private static List<ShardTree.Node> nodes(int... borders) {
    List<ShardTree.Node> nodes = new ArrayList<>();
    for (int i = 0; i + 1 < borders.length; i++) {
      nodes.addAll(ShardTree.cover(borders[i], borders[i + 1], SHARDS));
    }
    return nodes;
  }

  @ParameterizedTest
  @EnumSource
  void any_order_and_any_workers_give_the_bits_of_the_tree(Wire wire) {
    ShardTree tree = ShardTree.sliced(SHARDS, SIZE, wire);
    List<List<ShardTree.Node>> plans =
        List.of(nodes(0, 5), nodes(0, 1, 2, 3, 4, 5), nodes(0, 2, 5), nodes(0, 3, 4, 5));
    for (int round = 0; round < plans.size(); round++) {
      tree.begin(round);
      List<Runnable> calls = new ArrayList<>();
      for (ShardTree.Node node : plans.get(round)) {
        calls.addAll(calls(tree, round, node, wire));
      }
      Collections.shuffle(calls, new Random(round));
      calls.forEach(Runnable::run);
      assertTotal(tree, wire);
    }
  }

  @ParameterizedTest
  @EnumSource
  void several_threads_may_add_at_a_time(Wire wire) {
    ShardTree tree = ShardTree.sliced(SHARDS, SIZE, wire);
    for (int round = 0; round < 5; round++) {
      tree.begin(round);
      int number = round;
      IntStream.range(0, SHARDS)
          .parallel()
          .forEach(
              s -> calls(tree, number, new ShardTree.Node(s, s + 1), wire).forEach(Runnable::run));
      assertTotal(tree, wire);
    }
  }

  @Test
  void what_comes_again_counts_once_by_itself_within_a_larger_sum_or_after_one() {
    ShardTree tree = ShardTree.sliced(SHARDS, SIZE, Wire.FP32);
    ShardTree.Node pair = new ShardTree.Node(0, 2);
    for (int seed = 0; seed < 20; seed++) {
      tree.begin(seed);
      List<Runnable> calls = new ArrayList<>();
      for (ShardTree.Node node : nodes(0, 1, 2, 3, 4, 5)) {
        calls.addAll(calls(tree, seed, node, Wire.FP32));
        calls.addAll(calls(tree, seed, node, Wire.FP32));
      }
      calls.addAll(calls(tree, seed, pair, Wire.FP32));
      calls.addAll(calls(tree, seed, new ShardTree.Node(0, 4), Wire.FP32));
      Collections.shuffle(calls, new Random(seed));
      calls.forEach(Runnable::run);
      assertTotal(tree, Wire.FP32);
    }
  }

  @Test
  void what_is_late_for_its_round_does_not_count() {
    ShardTree tree = ShardTree.sliced(SHARDS, SIZE, Wire.FP32);
    ShardTree.Node all = new ShardTree.Node(0, SHARDS);
    tree.begin(1);
    calls(tree, 1, new ShardTree.Node(0, 1), Wire.FP32).forEach(Runnable::run);
    tree.begin(2);
    calls(tree, 1, all, Wire.FP32).forEach(Runnable::run);
    assertThatThrownBy(tree::total)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("slice 0 of 4 of the sum over 5 shards is missing");
    calls(tree, 2, all, Wire.FP32).forEach(Runnable::run);
    assertTotal(tree, Wire.FP32);
  }

  @Test
  void a_node_of_another_tree_is_refused() {
    ShardTree tree = ShardTree.sliced(SHARDS, SIZE, Wire.FP32);
    assertThatThrownBy(() -> tree.add(0, new ShardTree.Node(1, 3), 0, tree.take(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[1, 3)");
  }
}
