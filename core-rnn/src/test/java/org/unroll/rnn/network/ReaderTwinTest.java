// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;

/** Readers against their twin: values, and gradients against the twin's central differences. */
class ReaderTwinTest {
  private static final double BOUND = 1e-4;

  /** What float leaves of a sum of terms near 1 that cancel. */
  private static final double NOISE = 2e-6;

  /** Small: maxima and ReLUs must not pass their corners. */
  private static final double STEP = 1e-7;

  private static final int DIRECTIONS = 3;
  private static final long DROPOUT_KEY = 77;

  static List<ReaderCase> cases() {
    return ReaderCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void losses_are_those_of_the_twin(ReaderCase given) {
    ReaderModel model = new ReaderModel(given.spec());
    float[] params = given.params(model);
    SequenceBatch batch = given.batch();
    ReaderRunner runner = runner(model, params, 1);
    runner.read(batch);
    double expected = new ReaderTwin(model, doubles(params), false, 0).loss(batch);
    assertThat(runner.loss().sum()).isCloseTo(expected, within(BOUND * Math.max(1, expected)));

    Loss trained = runner.train(batch, DROPOUT_KEY, new Gradient(params.length));
    expected = new ReaderTwin(model, doubles(params), true, DROPOUT_KEY).loss(batch);
    assertThat(trained.sum()).isCloseTo(expected, within(BOUND * Math.max(1, expected)));

    // Weights that were dropped for training are back.
    runner.read(batch);
    expected = new ReaderTwin(model, doubles(params), false, 0).loss(batch);
    assertThat(runner.loss().sum()).isCloseTo(expected, within(BOUND * Math.max(1, expected)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradients_are_the_differences_of_the_twin(ReaderCase given) {
    ReaderModel model = new ReaderModel(given.spec());
    float[] params = given.params(model);
    SequenceBatch batch = given.batch();
    float[] gradient = gradient(model, params, batch, 1);
    double[] point = doubles(params);
    double size = Math.sqrt(given.spec().head().scores()) + norm(gradient);
    for (Param param : model.layout().params()) {
      for (int i = 0; i < DIRECTIONS; i++) {
        double[] direction = new double[params.length];
        double expected = 0;
        for (int j = param.offset(); j < param.end(); j++) {
          long key = RandomBits.key(given.seed(), 8, i);
          direction[j] = 2 * RandomBits.uniformDouble(key, j) - 1;
          expected += direction[j] * gradient[j];
        }
        double found = param.trainable() ? difference(model, batch, point, direction) : 0;
        assertThat(found)
            .as("%s, direction %d", param.name(), i)
            .isCloseTo(expected, within(BOUND * size + NOISE));
      }
    }
  }

  /** Packing changes nothing: the sum over sequences one by one, without dropout. */
  @ParameterizedTest
  @MethodSource("cases")
  void a_batch_is_its_sequences_one_by_one(ReaderCase given) {
    ReaderCase plain =
        given.with(
            spec ->
                new ReaderSpec(
                    spec.inputs(),
                    spec.encoder().with(DropoutSpec.NONE),
                    spec.pooling(),
                    spec.head()));
    ReaderModel model = new ReaderModel(plain.spec());
    float[] params = plain.params(model);
    Gradient together = new Gradient(params.length);
    ReaderRunner runner = runner(model, params, 1);
    Loss loss = runner.train(plain.batch(), 0, together);
    Gradient alone = new Gradient(params.length);
    Loss sum = Loss.ZERO;
    for (SequenceExample example : plain.examples()) {
      sum = sum.plus(runner.train(plain.batch(List.of(example)), 0, alone));
    }
    assertThat(loss.weight()).isCloseTo(sum.weight(), within(1e-9));
    assertThat(loss.sum()).isCloseTo(sum.sum(), within(1e-5 * Math.max(1, sum.sum())));
    for (int i = 0; i < params.length; i++) {
      double expected = alone.dense()[i];
      assertThat((double) together.dense()[i])
          .as("element %d", i)
          .isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_number_of_threads_changes_no_bit(ReaderCase given) {
    ReaderModel model = new ReaderModel(given.spec());
    float[] params = given.params(model);
    float[] expected = gradient(model, params, given.batch(), 1);
    for (int threads : new int[] {2, 3}) {
      assertThat(gradient(model, params, given.batch(), threads)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradients_are_added_to_what_is_there(ReaderCase given) {
    ReaderModel model = new ReaderModel(given.spec());
    float[] params = given.params(model);
    SequenceBatch batch = given.batch();
    float[] once = gradient(model, params, batch, 1);
    float[] before = given.uniform(params.length, 1, 9);
    Gradient full = new Gradient(before.clone());
    runner(model, params, 1).train(batch, DROPOUT_KEY, full);
    for (int i = 0; i < params.length; i++) {
      double bound = 1e-5 * Math.max(1, Math.abs(once[i]));
      assertThat((double) full.dense()[i])
          .as("element %d", i)
          .isCloseTo((double) before[i] + once[i], within(bound));
    }
  }

  private static float[] gradient(
      ReaderModel model, float[] params, SequenceBatch batch, int threads) {
    Gradient gradient = new Gradient(params.length);
    runner(model, params, threads).train(batch, DROPOUT_KEY, gradient);
    return gradient.dense();
  }

  private static ReaderRunner runner(ReaderModel model, float[] params, int threads) {
    ReaderRunner runner = new ReaderRunner(model, new Team(threads));
    runner.setParams(params);
    return runner;
  }

  private static double difference(
      ReaderModel model, SequenceBatch batch, double[] point, double[] direction) {
    double[] above = point.clone();
    double[] below = point.clone();
    for (int i = 0; i < point.length; i++) {
      above[i] += STEP * direction[i];
      below[i] -= STEP * direction[i];
    }
    double change =
        new ReaderTwin(model, above, true, DROPOUT_KEY).loss(batch)
            - new ReaderTwin(model, below, true, DROPOUT_KEY).loss(batch);
    return change / (2 * STEP);
  }

  private static double norm(float[] x) {
    double squares = 0;
    for (float v : x) {
      squares += (double) v * v;
    }
    return Math.sqrt(squares);
  }

  private static double[] doubles(float[] x) {
    double[] values = new double[x.length];
    Arrays.setAll(values, i -> x[i]);
    return values;
  }
}
