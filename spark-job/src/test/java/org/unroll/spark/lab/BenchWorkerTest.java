// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.Ops;

class BenchWorkerTest {
  private static final String CASE = "tiny=lstm:2x16:20:3:5";

  private static final String READER = "tiny=lstm:1x16:12:20:classify-2:3:4-9:0.5-0.2";

  private final BenchWorker worker = new BenchWorker();
  private final Contender contender = new Contender("ours", worker::answer);

  @Test
  void it_tells_its_kernels_and_java() {
    assertThat(contender.about())
        .startsWith(Ops.describeKernels())
        .endsWith(Runtime.version().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cell " + CASE + " 1 7",
        "cell tiny=gru:1x16:20:3:5 1 7",
        "cell tiny=rnn:1x16:20:3:5 1 7",
        "reader " + READER + " 1 7 5,3,3;2",
        "reader tiny=gru:2x16:12:20:tag-3:3:4-9 2 7 5,3,3;2",
        "reader tiny=gru:2x16:12:20:translate-9:3:4-9 2 7 5/2,3/4,3/1;2/2",
        "reader tiny=lstm:1x16:12:20:search-9:3:4-9 2 7 5/9,3/9;2/9",
        "gemm 5 17 3 forward",
        "gemm 5 17 3 weight-gradient"
      })
  void work_is_done_and_timed(String workload) {
    contender.prepare(workload);
    Contender.Sample sample = contender.run(3);
    assertThat(sample.seconds()).isPositive();
    assertThat(sample.bytes()).isNotNegative();
  }

  @Test
  void a_profile_tells_what_a_step_is_made_of() {
    contender.prepare("cell tiny=lstm:2x64:200:20:10 1 7");
    Set<String> seen = new HashSet<>();
    // How many samples there are, and of what, is a matter of chance and of a machine's other work.
    for (int i = 0; i < 60 && !seen.containsAll(Set.of("recurrent products", "cells")); i++) {
      Map<String, Double> parts = contender.profile(1);
      assertThat(parts.values()).allMatch(share -> share > 0);
      double all = parts.values().stream().mapToDouble(share -> share).sum();
      assertThat(all).isCloseTo(parts.isEmpty() ? 0 : 1, within(1e-9));
      seen.addAll(parts.keySet());
    }
    assertThat(seen).contains("recurrent products", "cells");
  }

  @Test
  void the_memory_of_training_steps_grows_with_the_batch() {
    contender.prepare("cell " + CASE + " 1 7");
    contender.run(1);
    long small = contender.workspaceBytes();
    contender.prepare("cell tiny=lstm:2x16:20:6:5 1 7");
    contender.run(1);
    assertThat(contender.workspaceBytes()).isGreaterThan(small).isPositive();
  }

  @Test
  void a_contender_need_not_tell_its_memory() {
    assertThat(new Contender("peer", request -> "error unknown request").workspaceBytes())
        .isEqualTo(Contender.UNKNOWN);
  }

  @Test
  void the_limit_is_a_number() {
    assertThat(contender.limit(0.001)).isPositive();
  }

  @Test
  void what_cannot_be_met_is_an_error_in_one_line() {
    assertThat(worker.answer("dance")).isEqualTo("error unknown request dance");
    assertThat(worker.answer("gemm 1 2 3 sideways")).startsWith("error ").contains("'sideways'");
  }

  @Test
  void the_memory_of_readers_grows_with_their_batches() {
    contender.prepare("reader " + READER + " 1 7 2;5,5,5");
    contender.run(1);
    long small = contender.workspaceBytes();
    contender.prepare("reader " + READER + " 1 7 2;9,9,9");
    contender.run(1);
    assertThat(contender.workspaceBytes()).isGreaterThan(small).isPositive();
  }

  @Test
  void training_steps_train() {
    TrainingCase shape = TrainingCase.Family.CELLS.parse(CASE);
    train(new TrainingSteps(shape, null, 1, 7), 400, 4.0, 1);
  }

  @Test
  void training_steps_of_readers_train() {
    for (String task : List.of("classify-2", "tag-3")) {
      TrainingCase shape =
          TrainingCase.Family.READERS.parse("tiny=lstm:1x16:12:20:" + task + ":4:4-9");
      BatchLengths lengths = BatchLengths.parse("5,3,3,1");
      train(new TrainingSteps(shape, lengths, 1, 7), 200, 1.5, 0.5);
    }
  }

  @Test
  void training_steps_of_translations_train() {
    TrainingCase shape =
        TrainingCase.Family.READERS.parse("tiny=lstm:1x16:12:20:translate-9:4:4-9");
    BatchLengths lengths = BatchLengths.parse("5/2,3/4,3/1,1/3");
    train(new TrainingSteps(shape, lengths, 1, 7), 200, 3, 0.5);
  }

  @Test
  void searches_write_as_much_as_they_are_to() {
    TrainingCase shape = TrainingCase.Family.READERS.parse("tiny=lstm:1x16:12:20:search-9:4:4-9");
    BatchLengths lengths = BatchLengths.draw(shape, 1);
    SearchRuns searches = new SearchRuns(shape, lengths, 1, 7);
    searches.run();
    searches.run();
    assertThat(searches.written()).isEqualTo(lengths.counted()).isEqualTo(2 * 4 * 9);
  }

  /** The loss begins between a quarter of the most and the most, and falls below a part of it. */
  private static void train(TrainingSteps step, int times, double most, double part) {
    step.run();
    double first = step.loss();
    for (int i = 0; i < times; i++) {
      step.run();
    }
    assertThat(first).isBetween(most / 4, most);
    assertThat(step.loss()).isLessThan(first * part);
  }
}
