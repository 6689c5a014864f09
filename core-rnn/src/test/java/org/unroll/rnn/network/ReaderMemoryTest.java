// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.Team;

/** What is read together: how much memory it takes, and that it does not matter. */
class ReaderMemoryTest {
  static List<ReaderCase> cases() {
    return ReaderCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void buffers_take_no_more_than_was_said(ReaderCase given) {
    ReaderModel model = new ReaderModel(given.spec());
    List<SequenceExample> examples = new ArrayList<>();
    Collections.nCopies(30, given.examples()).forEach(examples::addAll);
    ReaderMemory memory = new ReaderMemory(model);
    long said = examples.stream().mapToLong(memory::bytes).sum();
    long nothing = ReaderPass.bytes(model, new ReaderPass.Size(0, 0, 0, 0, 0, 0));
    long taken = ReaderPass.bytes(model, ReaderPass.Size.of(given.batch(examples))) - nothing;
    // Of words there is one buffer for all that are the same, and these are.
    boolean words = given.spec().inputs().words() != null;
    assertThat(taken).isBetween(words ? 1 : said / 3, said);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answers_do_not_depend_on_what_is_read_beside(ReaderCase given) {
    ReaderModel model = new ReaderModel(given.spec());
    float[] params = given.params(model);
    ReaderRunner together = runner(model, params);
    ReaderRunner alone = runner(model, params);
    SequenceBatch batch = given.batch();
    together.read(batch);
    for (int row = 0; row < batch.rows(); row++) {
      alone.read(given.batch(List.of(batch.example(row))));
      assertThat(together.prediction(row, 3))
          .usingRecursiveComparison()
          .isEqualTo(alone.prediction(0, 3));
      assertThat(together.outputs(row)).isEqualTo(alone.outputs(0));
    }
  }

  private static ReaderRunner runner(ReaderModel model, float[] params) {
    ReaderRunner runner = new ReaderRunner(model, new Team(1));
    runner.setParams(params);
    return runner;
  }
}
