// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

class ModelInHandTest {
  private static final int LONG = 100_000;
  private static final RowEncoder ENCODER =
      new RowEncoder(List.of(), null, null, List.of("a", "b"), Map.of(), null, 0);

  private static ModelInHand.Reading reading() {
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, 4, 128, 1).with(Direction.BOTH);
    NetworkSpec spec =
        NetworkSpec.of(
            InputSpec.ofTokens(3, 4), encoder, null, new HeadSpec.Softmax(2, Target.STEP));
    float[] params = new float[new Network(spec).layout().size()];
    return new ModelInHand(new Tag(false), ENCODER, spec, params, Search.GREEDY).reading();
  }

  private static Example example(int length) {
    return Example.ofTokens("s", new int[length], (int[]) null);
  }

  private static List<List<Integer>> batches(List<Integer> lengths) {
    List<List<Integer>> batches = new ArrayList<>();
    reading()
        .batches(lengths.iterator(), n -> n < 0 ? Optional.empty() : Optional.of(example(n)))
        .forEachRemaining(some -> batches.add(some.stream().map(i -> i.row()).toList()));
    return batches;
  }

  @Test
  void long_rows_are_read_alone_and_none_is_lost() {
    assertThat(batches(List.of(3, 4, LONG, LONG, -1, 5, 0)))
        .containsExactly(List.of(3, 4), List.of(LONG), List.of(LONG), List.of(5, 0));
    assertThat(batches(List.of(-1, -1))).isEmpty();
  }

  @Test
  void short_rows_are_read_sixty_four_at_a_time() {
    assertThat(batches(Collections.nCopies(130, 20)))
        .extracting(List::size)
        .containsExactly(64, 64, 2);
  }

  @Test
  void answers_come_in_the_order_of_the_rows_whatever_is_read_together() {
    int[] lengths = {3, 9, 1, 9, 4};
    ModelInHand.Reading reading = reading();
    var all =
        reading.batches(Arrays.stream(lengths).boxed().iterator(), n -> Optional.of(example(n)));
    assertThat(reading.read(all.next()).stream().mapToInt(said -> said.labels().length))
        .containsExactlyElementsOf(IntStream.of(lengths).boxed().toList());
  }
}
