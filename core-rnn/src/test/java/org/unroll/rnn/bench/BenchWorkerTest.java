// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.Ops;

class BenchWorkerTest {
  private static final String CASE = "tiny=lstm:2x16:20:3:5";

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
  void the_memory_of_training_steps_grows_with_the_batch() {
    contender.prepare("cell " + CASE + " 1 7");
    long small = contender.workspaceBytes();
    contender.prepare("cell tiny=lstm:2x16:20:6:5 1 7");
    assertThat(contender.workspaceBytes()).isGreaterThan(small).isPositive();
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
  void training_steps_train() {
    TrainingStep step = new TrainingStep(CellCase.parse(CASE), 1, 7);
    step.run();
    double first = step.loss();
    for (int i = 0; i < 400; i++) {
      step.run();
    }
    assertThat(first).isBetween(2.0, 4.0);
    assertThat(step.loss()).isLessThan(first);
  }
}
