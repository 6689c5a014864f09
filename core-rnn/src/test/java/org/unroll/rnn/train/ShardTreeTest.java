// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.ShardTree.Node;

class ShardTreeTest {
  private static final int SIZE = 37;

  /** Values of very different sizes, so that another order of additions gives other bits. */
  private static WeightedSum shardSum(int shard) {
    Random random = new Random(1000 + shard);
    WeightedSum sum = new WeightedSum(SIZE);
    float[] gradient = sum.parts().dense();
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6) - 3));
    }
    sum.add(new Loss(random.nextGaussian() * 1e3, 1 + random.nextInt(50)));
    return sum;
  }

  private static void assertSameBits(WeightedSum actual, WeightedSum expected) {
    assertThat(actual.parts().dense()).isEqualTo(expected.parts().dense());
    assertThat(actual.loss()).isEqualTo(expected.loss());
  }

  /** The definition, without anything clever. */
  private static WeightedSum reference(int lo, int hi) {
    if (hi - lo == 1) {
      return shardSum(lo);
    }
    int half = 1;
    while (half * 2 < hi - lo) {
      half *= 2;
    }
    WeightedSum sum = reference(lo, lo + half);
    sum.add(reference(lo + half, hi));
    return sum;
  }

  @Test
  void any_split_over_workers_and_any_order_of_arrival_give_the_same_bits() {
    Random random = new Random(1);
    for (int shards = 1; shards <= 17; shards++) {
      WeightedSum expected = reference(0, shards);
      ShardTree driver = ShardTree.whole(shards, SIZE, Wire.FP32);
      for (int attempt = 0; attempt < 30; attempt++) {
        driver.begin(attempt);
        List<Map.Entry<Node, WeightedSum>> messages = new ArrayList<>();
        int workers = 1 + random.nextInt(shards + 2);
        for (int w = 0; w < workers; w++) {
          messages.addAll(workerSums(w, workers, shards, random).entrySet());
        }
        Collections.shuffle(messages, random);
        messages.forEach(m -> driver.add(m.getKey(), m.getValue()));
        assertSameBits(driver.total(), expected);
      }
    }
  }

  private static Map<Node, WeightedSum> workerSums(
      int worker, int workers, int shards, Random random) {
    int lo = ShardTree.firstShard(worker, workers, shards);
    int hi = ShardTree.firstShard(worker + 1, workers, shards);
    ShardTree tree = ShardTree.whole(shards, SIZE, Wire.FP32);
    List<Integer> order = new ArrayList<>();
    for (int s = lo; s < hi; s++) {
      order.add(s);
    }
    Collections.shuffle(order, random);
    order.forEach(s -> tree.add(Node.of(s), shardSum(s)));
    Map<Node, WeightedSum> sums = tree.pending();
    assertThat(sums.keySet()).containsExactlyElementsOf(ShardTree.cover(lo, hi, shards));
    return sums;
  }

  @Test
  void the_order_matters_at_all() {
    WeightedSum oneByOne = shardSum(0);
    for (int s = 1; s < 8; s++) {
      oneByOne.add(shardSum(s));
    }
    assertThat(oneByOne.parts().dense()).isNotEqualTo(reference(0, 8).parts().dense());
  }

  @Test
  void losses_are_added_in_the_order_of_the_gradients() {
    for (int shards = 1; shards <= 17; shards++) {
      List<Evaluation> parts = new ArrayList<>();
      for (int s = 0; s < shards; s++) {
        parts.add(Evaluation.of(shardSum(s).loss()));
      }
      assertThat(Evaluation.sum(parts).loss()).isEqualTo(reference(0, shards).loss());
    }
    assertThat(Evaluation.sum(List.of()).loss()).isEqualTo(Loss.ZERO);
  }

  @Test
  void a_cover_is_exact_and_small() {
    for (int shards = 1; shards <= 40; shards++) {
      for (int lo = 0; lo <= shards; lo++) {
        for (int hi = lo; hi <= shards; hi++) {
          int next = lo;
          for (Node node : ShardTree.cover(lo, hi, shards)) {
            assertThat(node.lo()).isEqualTo(next);
            next = node.hi();
          }
          assertThat(next).isEqualTo(hi);
        }
      }
    }
    assertThat(ShardTree.cover(0, 64, 100)).containsExactly(new Node(0, 64));
    assertThat(ShardTree.cover(3, 9, 16))
        .containsExactly(new Node(3, 4), new Node(4, 8), new Node(8, 9));
  }

  @Test
  void a_shard_counts_once_whatever_node_it_comes_in() {
    ShardTree tree = ShardTree.whole(4, SIZE, Wire.FP32);
    tree.add(new Node(0, 1), shardSum(0));
    tree.add(new Node(0, 1), shardSum(0));
    tree.add(new Node(2, 3), shardSum(2));
    assertThat(tree.pending().keySet()).containsExactly(new Node(0, 1), new Node(2, 3));

    tree.add(new Node(0, 2), reference(0, 2));
    assertThat(tree.pending().keySet()).containsExactly(new Node(0, 2), new Node(2, 3));
    tree.add(new Node(1, 2), shardSum(1));
    assertThat(tree.pending().keySet()).containsExactly(new Node(0, 2), new Node(2, 3));

    assertThatThrownBy(tree::total).isInstanceOf(IllegalStateException.class);
    tree.add(new Node(3, 4), shardSum(3));
    tree.add(new Node(2, 4), shardSum(2));
    assertSameBits(tree.total(), reference(0, 4));
  }

  @Test
  void strangers_and_gaps_are_named() {
    ShardTree tree = ShardTree.whole(5, SIZE, Wire.FP32);
    assertThatThrownBy(() -> tree.add(new Node(1, 3), shardSum(1)))
        .hasMessageContaining("[1, 3)")
        .hasMessageContaining("5");
    tree.add(new Node(0, 4), shardSum(0));
    assertThatThrownBy(tree::total)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("over 5 shards is missing");
    assertThatThrownBy(() -> ShardTree.whole(0, SIZE, Wire.FP32)).hasMessageContaining("0");
    assertThatThrownBy(() -> ShardTree.cover(2, 6, 5)).hasMessageContaining("[2, 6)");
  }

  @Test
  void rounds_use_the_same_buffers_again_and_again() {
    int shards = 11;
    ShardTree tree = ShardTree.whole(shards, SIZE, Wire.FP32);
    Set<WeightedSum> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    int afterFirst = 0;
    for (int round = 0; round < 50; round++) {
      tree.begin(1);
      for (int s = 0; s < shards; s++) {
        WeightedSum sum = tree.take();
        assertThat(sum.parts().dense()).containsOnly(0);
        assertThat(sum.loss()).isEqualTo(Loss.ZERO);
        sum.add(shardSum(s));
        seen.add(sum);
        tree.add(Node.of(s), sum);
      }
      assertSameBits(tree.total(), reference(0, shards));
      afterFirst = round == 0 ? seen.size() : afterFirst;
    }
    assertThat(seen).hasSize(afterFirst).hasSizeLessThanOrEqualTo(5); // a path of the tree, no more
  }

  @Test
  void an_abandoned_round_leaves_nothing_behind() {
    ShardTree tree = ShardTree.whole(3, SIZE, Wire.FP32);
    tree.add(new Node(0, 1), shardSum(0));
    tree.add(new Node(2, 3), shardSum(2));
    tree.begin(1);
    assertThat(tree.pending()).isEmpty();
    for (int s : new int[] {2, 0, 1}) {
      tree.add(Node.of(s), shardSum(s));
    }
    assertSameBits(tree.total(), reference(0, 3));
  }

  @Test
  void workers_share_the_shards_evenly() {
    for (int shards = 1; shards <= 20; shards++) {
      for (int workers = 1; workers <= 20; workers++) {
        Set<Integer> sizes = new HashSet<>();
        int next = 0;
        for (int w = 0; w < workers; w++) {
          assertThat(ShardTree.firstShard(w, workers, shards)).isEqualTo(next);
          int end = ShardTree.firstShard(w + 1, workers, shards);
          sizes.add(end - next);
          next = end;
        }
        assertThat(next).isEqualTo(shards);
        assertThat(Collections.max(sizes) - Collections.min(sizes)).isLessThanOrEqualTo(1);
      }
    }
  }
}
