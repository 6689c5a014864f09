// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;

/** The engine against its twin: values, and gradients against the twin's central differences. */
class TwinTest {
  private static final double BOUND = 1e-4;
  private static final double STEP = 1e-6;

  /** What float leaves of a sum of terms near 1 that cancel. */
  private static final double NOISE = 5e-7;

  private static final int SAMPLES = 4;
  private static final int DIRECTIONS = 3;
  private static final long DROPOUT_KEY = 77;

  static List<TwinCase> cases() {
    return TwinCase.all();
  }

  static List<TwinCase> severalChunks() {
    return TwinCase.severalChunks();
  }

  @Test
  void every_cell_meets_every_option() {
    List<Predicate<TwinCase>> options =
        List.of(
            c -> c.spec().bias(),
            c -> c.spec().tied(),
            c -> c.spec().dropout() > 0,
            c -> c.spec().learnedState(),
            TwinCase::ragged,
            c -> c.steps() > 1 && c.rows() > 1);
    for (CellType cell : CellType.values()) {
      for (Predicate<TwinCase> option : options) {
        Predicate<TwinCase> ofCell = c -> c.spec().cell() == cell && c.spec().layers() > 1;
        assertThat(cases()).anyMatch(ofCell.and(option)).anyMatch(ofCell.and(option.negate()));
      }
    }
  }

  @ParameterizedTest
  @MethodSource({"cases", "severalChunks"})
  void loss_and_state_are_those_of_the_twin(TwinCase given) {
    SequenceModel model = new SequenceModel(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(model);
    float[] state = given.state(model);
    double[] twinState = doubles(state);
    ModelRunner runner = runner(given, model, params);
    double expected = Twin.evaluating(model, doubles(params)).loss(batch, twinState);
    assertThat(runner.evaluate(batch, state).sum()).isCloseTo(expected, relative(expected));
    assertStates(state, twinState);

    state = given.state(model);
    twinState = doubles(state);
    expected = Twin.training(model, doubles(params), DROPOUT_KEY).loss(batch, twinState);
    Loss loss = runner.train(batch, state, false, DROPOUT_KEY, new Gradient(params.length));
    assertThat(loss.sum()).isCloseTo(expected, relative(expected));
    assertStates(state, twinState);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void single_steps_give_the_logits_of_the_twin(TwinCase given) {
    SequenceModel model = new SequenceModel(given.spec());
    float[] params = given.params(model);
    float[] state = given.state(model);
    double[] twinState = doubles(state);
    ModelRunner runner = runner(given, model, params);
    Twin twin = Twin.evaluating(model, doubles(params));
    int vocabulary = given.spec().vocabulary();
    float[] logits = new float[given.rows() * vocabulary];
    int[] inputs = given.batch().inputs();
    for (int t = 0; t < given.steps(); t++) {
      int[] tokens = Arrays.copyOfRange(inputs, t * given.rows(), (t + 1) * given.rows());
      runner.step(tokens, given.rows(), state, logits);
      for (int row = 0; row < given.rows(); row++) {
        double[] expected = twin.logits(tokens[row], 0, row, given.rows(), twinState);
        for (int j = 0; j < vocabulary; j++) {
          assertThat((double) logits[row * vocabulary + j])
              .isCloseTo(expected[j], relative(expected[j]));
        }
      }
    }
    assertStates(state, twinState);
  }

  @ParameterizedTest
  @MethodSource({"cases", "severalChunks"})
  void gradients_are_the_differences_of_the_twin(TwinCase given) {
    SequenceModel model = new SequenceModel(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(model);
    float[] gradient = gradient(given, model, params, batch);
    double[] point = doubles(params);
    for (Param param : model.layout().params()) {
      double scale = norm(gradient, param.offset(), param.end()) / Math.sqrt(param.size());
      for (int i = 0; i < Math.min(SAMPLES, param.size()); i++) {
        int at = param.offset() + sample(given, param, i);
        double expected = difference(given, model, batch, point, at);
        assertThat((double) gradient[at])
            .as("%s, element %d", param.name(), at - param.offset())
            .isCloseTo(expected, within(BOUND * Math.max(Math.abs(expected), scale) + NOISE));
      }
    }
    double size = norm(gradient, 0, gradient.length);
    for (int i = 0; i < DIRECTIONS; i++) {
      float[] direction = given.uniform(params.length, 1.7f, 100 + i);
      double expected = 0;
      for (int j = 0; j < params.length; j++) {
        expected += direction[j] * (double) gradient[j];
      }
      assertThat(difference(given, model, batch, point, direction))
          .as("derivative in direction %d", i)
          .isCloseTo(expected, within(BOUND * size + NOISE));
    }
  }

  @ParameterizedTest
  @MethodSource({"cases", "severalChunks"})
  void gradients_are_added_to_what_is_there(TwinCase given) {
    SequenceModel model = new SequenceModel(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(model);
    float[] once = gradient(given, model, params, batch);
    Gradient cleared = new Gradient(given.uniform(params.length, 1e9f, 8));
    cleared.clear();
    train(given, model, params, batch, cleared);
    assertThat(cleared.dense().clone()).as("into one that was cleared").containsExactly(once);

    float[] before = given.uniform(params.length, 1, 9);
    Gradient full = new Gradient(before.clone());
    train(given, model, params, batch, full);
    Gradient twice = new Gradient(params.length);
    train(given, model, params, batch, twice);
    train(given, model, params, batch, twice);
    for (Param param : model.layout().params()) {
      double scale = norm(once, param.offset(), param.end()) / Math.sqrt(param.size());
      for (int i = param.offset(); i < param.end(); i++) {
        double bound = BOUND / 10 * Math.max(1, Math.max(scale, Math.abs(once[i])));
        assertThat((double) full.dense()[i])
            .as("%s, element %d, into a full one", param.name(), i - param.offset())
            .isCloseTo((double) before[i] + once[i], within(bound));
        assertThat((double) twice.dense()[i])
            .as("%s, element %d, a second time", param.name(), i - param.offset())
            .isCloseTo(2.0 * once[i], within(bound));
      }
    }
  }

  private static float[] gradient(
      TwinCase given, SequenceModel model, float[] params, Batch batch) {
    Gradient gradient = new Gradient(params.length);
    train(given, model, params, batch, gradient);
    return gradient.dense();
  }

  private static void train(
      TwinCase given, SequenceModel model, float[] params, Batch batch, Gradient gradient) {
    ModelRunner runner = runner(given, model, params);
    boolean learned = given.spec().learnedState();
    float[] state = given.state(model);
    if (learned) {
      runner.initialState(state, given.rows());
    }
    runner.train(batch, state, learned, DROPOUT_KEY, gradient);
  }

  private static ModelRunner runner(TwinCase given, SequenceModel model, float[] params) {
    ModelRunner runner = new ModelRunner(model, given.steps(), given.rows());
    runner.setParams(params);
    return runner;
  }

  private static int sample(TwinCase given, Param param, int i) {
    long bits = RandomBits.bits(RandomBits.key(given.seed(), 7, param.offset()), i);
    return (int) Long.remainderUnsigned(bits, param.size());
  }

  private static double difference(
      TwinCase given, SequenceModel model, Batch batch, double[] point, int at) {
    double[] moved = point.clone();
    moved[at] = point[at] + STEP;
    double above = twinLoss(given, model, batch, moved);
    moved[at] = point[at] - STEP;
    return (above - twinLoss(given, model, batch, moved)) / (2 * STEP);
  }

  /** With a smaller step: it moves every parameter, and ReLUs must not pass their corner. */
  private static double difference(
      TwinCase given, SequenceModel model, Batch batch, double[] point, float[] direction) {
    double step = STEP / 10;
    double[] above = point.clone();
    double[] below = point.clone();
    for (int i = 0; i < point.length; i++) {
      above[i] += step * direction[i];
      below[i] -= step * direction[i];
    }
    double change = twinLoss(given, model, batch, above) - twinLoss(given, model, batch, below);
    return change / (2 * step);
  }

  private static double twinLoss(
      TwinCase given, SequenceModel model, Batch batch, double[] params) {
    Twin twin = Twin.training(model, params, DROPOUT_KEY);
    boolean learned = given.spec().learnedState();
    return twin.loss(
        batch, learned ? twin.learnedState(given.rows()) : doubles(given.state(model)));
  }

  private static void assertStates(float[] actual, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("state, element %d", i)
          .isCloseTo(expected[i], relative(expected[i]));
    }
  }

  private static Offset<Double> relative(double expected) {
    return within(BOUND * Math.max(Math.abs(expected), 0.01));
  }

  private static double norm(float[] x, int from, int to) {
    double squares = 0;
    for (int i = from; i < to; i++) {
      squares += (double) x[i] * x[i];
    }
    return Math.sqrt(squares);
  }

  private static double[] doubles(float[] x) {
    double[] values = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = x[i];
    }
    return values;
  }
}
