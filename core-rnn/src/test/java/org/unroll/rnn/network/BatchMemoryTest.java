// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;

/**
 * Examples that are read together take the memory that was said, and do not matter to each other.
 */
class BatchMemoryTest {
  static List<NetworkCase> cases() {
    return NetworkCase.all();
  }

  static List<NetworkCase> tasks() {
    List<NetworkCase> cases = new ArrayList<>(NetworkCase.tasks());
    cases.addAll(NetworkCase.writers());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void buffers_take_no_more_than_was_said(NetworkCase given) {
    Network network = new Network(given.spec());
    List<Example> examples = new ArrayList<>();
    Collections.nCopies(30, given.examples()).forEach(examples::addAll);
    BatchMemory memory = new BatchMemory(network);
    long said = examples.stream().mapToLong(memory::bytes).sum();
    long nothing = Pass.bytes(network, Pass.Size.NONE);
    long taken = Pass.bytes(network, Pass.Size.of(given.batch(examples))) - nothing;
    // Of words there is one buffer for all that are the same, and these are.
    boolean words = given.spec().inputs().words() != null;
    assertThat(taken).isBetween(words ? 1 : said / 3, said);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answers_do_not_depend_on_what_is_read_beside(NetworkCase given) {
    Network network = new Network(given.spec());
    float[] params = given.params(network);
    Pass together = pass(network, params);
    Pass alone = pass(network, params);
    Batch batch = given.batch();
    together.read(batch, null);
    for (int row = 0; row < batch.rows(); row++) {
      alone.read(given.batch(List.of(batch.example(row))), null);
      Prediction found = together.prediction(row, Search.ofBeam(3));
      Prediction expected = alone.prediction(0, Search.ofBeam(3));
      assertThat(found.labels()).isEqualTo(expected.labels());
      assertThat(found.probabilities()).isEqualTo(expected.probabilities());
      assertThat(found.values()).isEqualTo(expected.values());
      assertThat(found.written()).usingRecursiveComparison().isEqualTo(expected.written());
      assertThat(together.outputs(row)).isEqualTo(alone.outputs(0));
    }
  }

  private static Pass pass(Network network, float[] params) {
    Pass pass = new Pass(network);
    pass.load(params);
    return pass;
  }
}
