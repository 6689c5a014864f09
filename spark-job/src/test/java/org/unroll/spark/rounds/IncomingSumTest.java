// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.SlicedTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;

class IncomingSumTest {
  private static final int SIZE = 3 * SlicedTree.sliceSize() + 777;

  /** Runs that begin and end anywhere in a slice, cross its border, and end with the last block. */
  private static final int[] RUNS = {
    Gradient.BLOCK,
    3 * Gradient.BLOCK,
    5 * Gradient.BLOCK,
    2 * SlicedTree.sliceSize() + 7 * Gradient.BLOCK,
    2 * SlicedTree.sliceSize() + 9 * Gradient.BLOCK,
    SIZE
  };

  @ParameterizedTest
  @EnumSource
  void every_number_comes_to_its_place_wherever_its_run_begins(Wire wire) {
    float[] gradient = new float[SIZE];
    float[] expected = new float[SIZE];
    for (int r = 0; r < RUNS.length; r += 2) {
      for (int i = RUNS[r]; i < RUNS[r + 1]; i++) {
        gradient[i] = RandomBits.uniform(5, i) - 0.5f;
        expected[i] = gradient[i];
      }
    }
    wire.round(expected, 0, SIZE);

    SlicedTree tree = new SlicedTree(1, SIZE, wire);
    ShardTree.Node root = new ShardTree.Node(0, 1);
    tree.begin(1);
    tree.add(1, root, new Loss(2, 1));
    FloatDecoder decoder = new FloatDecoder(List.of(new IncomingSum(tree, 1, root, RUNS, wire)));
    ByteBuffer bytes =
        new OutgoingFloats(Segment.of(gradient, RUNS, wire), 1 << 14).nioByteBuffer();
    for (int from = 0; from < bytes.limit(); from += 5000) {
      decoder.read(bytes.slice(from, Math.min(5000, bytes.limit() - from)));
    }

    assertThat(decoder.isComplete()).isTrue();
    WeightedSum total = tree.total();
    assertThat(total.gradient()).isEqualTo(expected);
    assertThat(total.loss()).isEqualTo(new Loss(2, 1));
  }
}
