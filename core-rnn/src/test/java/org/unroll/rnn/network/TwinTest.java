// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Predicate;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.TwinParams;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/** The engine against its twin: values, and gradients against the twin's central differences. */
class TwinTest {
  private static final double BOUND = 1e-4;

  /** An element is moved by this much, and many by less: ReLUs must not pass their corners. */
  private static final double STEP = 1e-6;

  private static final double SMALL_STEP = 1e-7;

  /** Float leaves this much of a sum of terms near 1 that cancel. */
  private static final double NOISE = 5e-7;

  private static final double SMALL_STEP_NOISE = 2e-6;

  private static final int SAMPLES = 4;
  private static final int DIRECTIONS = 2;
  private static final long DROPOUT_KEY = 77;

  static List<NetworkCase> cases() {
    return NetworkCase.all();
  }

  static List<NetworkCase> severalChunks() {
    return NetworkCase.severalChunks();
  }

  static List<NetworkCase> readableStepByStep() {
    return cases().stream()
        .filter(c -> c.spec().decoder() == null)
        .filter(c -> c.spec().inputs().isOneToken())
        .filter(c -> c.spec().encoder().direction() == Direction.FORWARD)
        .filter(c -> c.spec().head().target() != Target.SEQUENCE)
        .toList();
  }

  @Test
  void language_models_of_every_cell_meet_every_option() {
    Predicate<NetworkCase> tied = c -> ((HeadSpec.Vocabulary) c.spec().head()).tied();
    Predicate<NetworkCase> smoothed = c -> ((HeadSpec.Vocabulary) c.spec().head()).smoothing() > 0;
    Predicate<NetworkCase> narrow = c -> rnn(c).lastSize() != rnn(c).hiddenSize();
    List<Predicate<NetworkCase>> options =
        List.of(
            c -> rnn(c).bias(),
            tied,
            narrow,
            tied.and(narrow),
            smoothed,
            tied.and(smoothed),
            c -> c.spec().learnedState(),
            narrow.and(c -> c.spec().learnedState()),
            c -> rnn(c).residual(),
            c -> rnn(c).layerNorm(),
            c -> c.spec().inputs().columns().size() > 1,
            c -> rnn(c).dropout().output() > 0,
            c -> rnn(c).dropout().input() > 0,
            c -> rnn(c).dropout().embedding() > 0,
            c -> rnn(c).dropout().weight() > 0,
            c -> rnn(c).dropout().locked(),
            NetworkCase::ragged,
            c -> c.steps() > 1 && c.rows() > 1);
    for (CellType cell : CellType.values()) {
      for (int i = 0; i < options.size(); i++) {
        Predicate<NetworkCase> ofCell = c -> rnn(c).cell() == cell && rnn(c).layers() > 1;
        assertThat(NetworkCase.languages())
            .as("%s, option %d", cell, i)
            .anyMatch(ofCell.and(options.get(i)))
            .anyMatch(ofCell.and(options.get(i).negate()));
      }
    }
  }

  private static RnnSpec rnn(NetworkCase given) {
    return given.spec().encoder();
  }

  @ParameterizedTest
  @MethodSource({"cases", "severalChunks"})
  void loss_and_state_are_those_of_the_twin(NetworkCase given) {
    Network network = new Network(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(network);
    Pass pass = pass(network, params);
    requireRead(given, network, batch, pass, params);

    float[] state = given.state(network);
    double[] twinState = doubles(state);
    TwinParams twins = TwinParams.of(network.layout(), params);
    double expected = Twin.training(network, twins, DROPOUT_KEY).loss(batch, twinState);
    Loss loss = pass.train(batch, state, null, DROPOUT_KEY, new Gradient(params.length));
    assertThat(loss.sum()).isCloseTo(expected, relative(expected));
    assertStates(state, twinState);

    // Weights that were dropped for training are back.
    requireRead(given, network, batch, pass, params);
  }

  private static void requireRead(
      NetworkCase given, Network network, Batch batch, Pass pass, float[] params) {
    float[] state = given.state(network);
    double[] twinState = doubles(state);
    TwinParams twins = TwinParams.of(network.layout(), params);
    double expected = Twin.evaluating(network, twins).loss(batch, twinState);
    pass.read(batch, state);
    assertThat(pass.loss().sum()).isCloseTo(expected, relative(expected));
    assertStates(state, twinState);
  }

  @ParameterizedTest
  @MethodSource("readableStepByStep")
  void single_steps_give_the_scores_of_the_twin(NetworkCase given) {
    Network network = new Network(given.spec());
    float[] params = given.params(network);
    float[] state = given.state(network);
    double[] twinState = doubles(state);
    Pass pass = pass(network, params);
    Twin twin = Twin.evaluating(network, TwinParams.of(network.layout(), params));
    int width = given.spec().head().scores();
    float[] scores = new float[given.rows() * width];
    for (int t = 0; t < given.steps(); t++) {
      int[] tokens = given.tokens(0, t, given.rows());
      pass.step(tokens, given.rows(), state, scores);
      for (int row = 0; row < given.rows(); row++) {
        double[] expected = twin.step(tokens[row], row, given.rows(), twinState);
        for (int j = 0; j < width; j++) {
          assertThat((double) scores[row * width + j])
              .isCloseTo(expected[j], relative(expected[j]));
        }
      }
    }
    assertStates(state, twinState);
  }

  @ParameterizedTest
  @MethodSource({"cases", "severalChunks"})
  void gradients_are_the_differences_of_the_twin(NetworkCase given) {
    Network network = new Network(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(network);
    float[] gradient = gradient(given, network, params, batch);
    TwinParams point = TwinParams.of(network.layout(), params);
    for (Param param : network.layout().params()) {
      double scale = norm(gradient, param.offset(), param.end()) / Math.sqrt(param.size());
      for (int i = 0; i < Math.min(SAMPLES, param.size()); i++) {
        int at = param.offset() + sample(given, param, i);
        double[] direction = new double[params.length];
        direction[at] = param.trainable() ? 1 : 0;
        double expected = difference(given, batch, network, point, direction, STEP);
        assertThat((double) gradient[at])
            .as("%s, element %d", param.name(), at - param.offset())
            .isCloseTo(expected, within(BOUND * Math.max(Math.abs(expected), scale) + NOISE));
      }
      for (int i = 0; param.trainable() && i < DIRECTIONS; i++) {
        requireDerivative(given, batch, network, point, gradient, param.offset(), param.end(), i);
      }
    }
  }

  /** Asserts the derivative along a random direction of the parameters in a range. */
  private static void requireDerivative(
      NetworkCase given,
      Batch batch,
      Network network,
      TwinParams point,
      float[] gradient,
      int from,
      int to,
      int number) {
    double[] direction = new double[gradient.length];
    double expected = 0;
    for (int j = from; j < to; j++) {
      direction[j] = 2 * RandomBits.uniformDouble(RandomBits.key(given.seed(), 8, number), j) - 1;
      expected += direction[j] * gradient[j];
    }
    double size = Math.sqrt(given.spec().head().scores()) + norm(gradient, 0, gradient.length);
    assertThat(difference(given, batch, network, point, direction, SMALL_STEP))
        .as("the parameters [%d, %d), direction %d", from, to, number)
        .isCloseTo(expected, within(BOUND * size + SMALL_STEP_NOISE));
  }

  /** Packing changes nothing: the sum over sequences one by one, without dropout. */
  @ParameterizedTest
  @MethodSource("cases")
  void a_batch_is_its_sequences_one_by_one(NetworkCase given) {
    NetworkCase plain = given.withoutDropout();
    Network network = new Network(plain.spec());
    float[] params = plain.params(network);
    Gradient together = new Gradient(params.length);
    Pass pass = pass(network, params);
    Loss loss = pass.train(plain.batch(), 0, together);
    Gradient alone = new Gradient(params.length);
    Loss sum = Loss.ZERO;
    for (Example example : plain.examples()) {
      sum = sum.plus(pass.train(plain.batch(List.of(example)), 0, alone));
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
  @MethodSource({"cases", "severalChunks"})
  void gradients_are_added_to_what_is_there(NetworkCase given) {
    Network network = new Network(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(network);
    float[] once = gradient(given, network, params, batch);
    Gradient cleared = new Gradient(given.uniform(params.length, 1e9f, 8));
    cleared.clear();
    train(given, network, params, batch, cleared);
    assertThat(cleared.dense().clone()).as("into one that was cleared").containsExactly(once);

    float[] before = given.uniform(params.length, 1, 9);
    Gradient full = new Gradient(before.clone());
    train(given, network, params, batch, full);
    Gradient twice = new Gradient(params.length);
    train(given, network, params, batch, twice);
    train(given, network, params, batch, twice);
    for (Param param : network.layout().params()) {
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

  static List<NetworkCase> writers() {
    return NetworkCase.writers();
  }

  @ParameterizedTest
  @MethodSource("writers")
  void decoders_that_read_tokens_of_their_own_have_the_twins_loss_and_gradient(NetworkCase given) {
    Network network = new Network(given.spec());
    Batch batch = given.batch();
    float[] params = given.params(network);
    Pass pass = pass(network, params);
    pass.readOwnTokens(0.6);
    Gradient gradient = new Gradient(params.length);
    Loss loss = pass.train(batch, DROPOUT_KEY, gradient);
    TwinParams point = TwinParams.of(network.layout(), params);
    double expected = ownTokensLoss(given, network, batch, point);
    assertThat(loss.sum()).isCloseTo(expected, relative(expected));
    double[] direction = new double[params.length];
    double slope = 0;
    for (Param param : network.layout().params()) {
      for (int j = param.offset(); param.trainable() && j < param.end(); j++) {
        direction[j] = 2 * RandomBits.uniformDouble(RandomBits.key(given.seed(), 10), j) - 1;
        slope += direction[j] * gradient.dense()[j];
      }
    }
    double above = ownTokensLoss(given, network, batch, point.moved(direction, SMALL_STEP));
    double below = ownTokensLoss(given, network, batch, point.moved(direction, -SMALL_STEP));
    double size = 3 + norm(gradient.dense(), 0, params.length);
    assertThat((above - below) / (2 * SMALL_STEP))
        .isCloseTo(slope, within(BOUND * size + SMALL_STEP_NOISE));
  }

  private static double ownTokensLoss(
      NetworkCase given, Network network, Batch batch, TwinParams params) {
    return Twin.training(network, params, DROPOUT_KEY)
        .readingOwnTokens(0.6)
        .loss(batch, doubles(given.state(network)));
  }

  private static float[] gradient(NetworkCase given, Network network, float[] params, Batch batch) {
    Gradient gradient = new Gradient(params.length);
    train(given, network, params, batch, gradient);
    return gradient.dense();
  }

  private static void train(
      NetworkCase given, Network network, float[] params, Batch batch, Gradient gradient) {
    Pass pass = pass(network, params);
    float[] state = given.state(network);
    if (given.spec().learnedState()) {
      pass.initialState(state, given.rows());
    }
    pass.train(batch, state, new float[state.length], DROPOUT_KEY, gradient);
  }

  private static Pass pass(Network network, float[] params) {
    Pass pass = new Pass(network);
    pass.load(params);
    return pass;
  }

  private static int sample(NetworkCase given, Param param, int i) {
    long bits = RandomBits.bits(RandomBits.key(given.seed(), 7, param.offset()), i);
    return (int) Long.remainderUnsigned(bits, param.size());
  }

  private static double difference(
      NetworkCase given,
      Batch batch,
      Network network,
      TwinParams point,
      double[] direction,
      double step) {
    double above = twinLoss(given, network, batch, point.moved(direction, step));
    double below = twinLoss(given, network, batch, point.moved(direction, -step));
    return (above - below) / (2 * step);
  }

  private static double twinLoss(
      NetworkCase given, Network network, Batch batch, TwinParams params) {
    Twin twin = Twin.training(network, params, DROPOUT_KEY);
    boolean learned = given.spec().learnedState();
    return twin.loss(
        batch, learned ? twin.learnedState(given.rows()) : doubles(given.state(network)));
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
