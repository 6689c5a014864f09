// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.TwinParams;
import org.unroll.rnn.TwinStack;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/** Layers that are run step by step, against whole sequences and against the double twin. */
class SingleStepsTest {
  private static final long DROPOUT_KEY = 77;
  private static final int[] RAGGED = {5, 4, 4, 2, 1, 0};

  /** A stack of layers over packed sequences of random numbers. */
  private record Case(RnnSpec spec, int[] lengths, int threads) {

    ParamLayout layout() {
      ParamLayout.Builder builder = new ParamLayout.Builder();
      RnnStack.layOut(spec, "rnn.", builder);
      return builder.build();
    }

    Packing packing() {
      Packing packing = new Packing();
      packing.set(lengths, lengths.length);
      return packing;
    }

    float[] params() {
      return uniform(layout().size(), 0.8f, 1);
    }

    float[] inputs() {
      return uniform(packing().positions() * spec.inputSize(), 1, 2);
    }

    float[] outputGradient() {
      return uniform(packing().positions() * spec.outputSize(), 1, 3);
    }

    float[] state(long use) {
      return uniform(spec.stateSize(lengths.length), 0.9f, use);
    }

    RnnStack stack() {
      int positions = packing().positions();
      RnnStack.Capacity capacity = new RnnStack.Capacity(positions, lengths.length, 0);
      RnnStack stack = new RnnStack(spec, layout(), "rnn.", capacity, new Team(threads));
      stack.loadForward(params());
      stack.loadBackward(params());
      return stack;
    }

    float[] outputs(RnnStack stack) {
      int from = stack.outputOffset();
      int size = packing().positions() * spec.outputSize();
      return Arrays.copyOfRange(stack.output(), from, from + size);
    }

    @Override
    public String toString() {
      return spec + " " + lengths.length + " rows, " + threads + " threads";
    }
  }

  private static float[] uniform(int n, float scale, long key) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = scale * (2 * RandomBits.uniform(key, i) - 1);
    }
    return values;
  }

  static List<Case> cases() {
    DropoutSpec locked = new DropoutSpec(0, 0.3, 0.2, 0.3, 0.4, true);
    DropoutSpec everyStep = new DropoutSpec(0, 0.3, 0.2, 0.3, 0, false);
    // More positions than the layers work on at a time.
    int[] many = new int[40];
    Arrays.setAll(many, row -> 30 - row / 2);
    List<Case> cases = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      RnnSpec one = RnnSpec.of(cell, 3, 5, 1);
      RnnSpec two = RnnSpec.of(cell, 4, 17, 2);
      RnnSpec three = TestNetworks.with(RnnSpec.of(cell, 2, 6, 3), true, true);
      RnnSpec narrow =
          new RnnSpec(cell, 4, 9, 3, 5, false, Direction.FORWARD, false, true, everyStep);
      cases.add(new Case(one, RAGGED, 1));
      cases.add(new Case(one.with(locked), new int[] {4, 4, 4}, 1));
      cases.add(new Case(two.with(everyStep), RAGGED, 2));
      cases.add(new Case(three.with(locked), RAGGED, 1));
      cases.add(new Case(narrow, RAGGED, 3));
      cases.add(new Case(three.with(locked), many, 2));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void steps_give_what_whole_sequences_do(Case given) {
    for (boolean training : new boolean[] {false, true}) {
      float[] expectedState = given.state(4);
      RnnStack whole = given.stack();
      float[] x = given.inputs();
      if (training) {
        whole.forward(x, null, given.packing(), expectedState, true, DROPOUT_KEY);
      } else {
        whole.forward(x, null, given.packing(), expectedState, false, 0);
      }
      float[] state = given.state(4);
      RnnStack steps = given.stack();
      forward(given, steps, state, training);
      assertThat(given.outputs(steps)).isEqualTo(given.outputs(whole));
      assertThat(state).isEqualTo(expectedState);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradients_of_steps_are_those_of_whole_sequences(Case given) {
    int inputs = given.inputs().length;
    RnnStack whole = given.stack();
    whole.forward(given.inputs(), null, given.packing(), given.state(4), true, DROPOUT_KEY);
    float[] expectedInput = new float[inputs];
    float[] expectedState = given.state(5);
    Gradient expected = new Gradient(given.layout().size());
    whole.backward(given.outputGradient(), expectedInput, expectedState, expected);

    RnnStack steps = given.stack();
    forward(given, steps, given.state(4), true);
    float[] dy = new float[given.outputGradient().length];
    Arrays.fill(dy, Float.NaN);
    float[] dx = new float[inputs];
    float[] dState = given.state(5);
    Gradient gradient = new Gradient(given.layout().size());
    steps.beginBackward(dy, dx, dState, gradient);
    for (int t = given.packing().steps() - 1; t >= 0; t--) {
      copyStep(given.outputGradient(), dy, given.packing(), t, given.spec().outputSize());
      steps.stepBack(t);
      int from = given.packing().at(t) * given.spec().inputSize();
      int to = given.packing().at(t + 1) * given.spec().inputSize();
      assertThat(Arrays.copyOfRange(dx, from, to))
          .as("gradient of the inputs of step %d", t)
          .isEqualTo(Arrays.copyOfRange(expectedInput, from, to));
    }
    steps.endBackward();
    assertThat(dState).as("gradient of the state").isEqualTo(expectedState);
    for (Param param : given.layout().params()) {
      float[] actual = Arrays.copyOfRange(gradient.dense(), param.offset(), param.end());
      float[] same = Arrays.copyOfRange(expected.dense(), param.offset(), param.end());
      if (param.role() == Param.Role.SCALE || param.role() == Param.Role.SHIFT) {
        // They are added up in the order of the positions, and here of the steps from the last.
        for (int i = 0; i < same.length; i++) {
          double bound = 1e-6 * Math.max(1, Math.abs(same[i])) * given.packing().steps();
          assertThat((double) actual[i]).as(param.name()).isCloseTo(same[i], within(bound));
        }
      } else {
        assertThat(actual).as(param.name()).isEqualTo(same);
      }
    }
  }

  /** Runs over all steps, of which the inputs of none are there before it is run. */
  private static void forward(Case given, RnnStack stack, float[] state, boolean training) {
    float[] inputs = given.inputs();
    float[] x = new float[inputs.length];
    Arrays.fill(x, Float.NaN);
    stack.begin(x, given.packing(), state, training, DROPOUT_KEY);
    for (int t = 0; t < given.packing().steps(); t++) {
      copyStep(inputs, x, given.packing(), t, given.spec().inputSize());
      stack.step(t);
    }
    stack.end(state);
  }

  private static void copyStep(float[] from, float[] to, Packing packing, int t, int width) {
    int at = packing.at(t) * width;
    System.arraycopy(from, at, to, at, packing.rowsAt(t) * width);
  }

  @Test
  void layers_that_read_from_the_end_have_no_single_steps() {
    for (Direction direction : new Direction[] {Direction.REVERSE, Direction.BOTH}) {
      Case given = new Case(RnnSpec.of(CellType.GRU, 3, 5, 1).with(direction), RAGGED, 1);
      RnnStack stack = given.stack();
      assertThatThrownBy(() -> stack.begin(given.inputs(), given.packing(), null, false, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("layers that read " + direction + " cannot be run step by step");
    }
  }

  /**
   * Input feeding (Luong et al. 2015): the input of a step is what is given, and a product with the
   * output of the step before: {@code x(t) = u(t) + F y(t - 1)}. The loss is a sum of the outputs
   * and of the last states, with random weights.
   */
  private static final class Feeding {
    private static final double STEP = 1e-6;

    final Case given;
    final Packing packing;
    final int inputSize;
    final int outputSize;

    /** F, {@code [D, W]}. */
    final float[] feed;

    Feeding(Case given) {
      this.given = given;
      packing = given.packing();
      inputSize = given.spec().inputSize();
      outputSize = given.spec().outputSize();
      feed = uniform(inputSize * outputSize, 0.7f, 9);
    }

    /** Adds {@code F y(t - 1)} to the inputs of step t. */
    void feed(float[] x, float[] y, int yo, int t) {
      for (int row = 0; t > 0 && row < packing.rowsAt(t); row++) {
        int to = (packing.at(t) + row) * inputSize;
        int from = yo + (packing.at(t - 1) + row) * outputSize;
        for (int i = 0; i < inputSize * outputSize; i++) {
          x[to + i / outputSize] += feed[i] * y[from + i % outputSize];
        }
      }
    }

    /** Adds {@code F^T dx(t + 1)} to the gradient of the outputs of step t. */
    void feedBack(float[] dx, float[] dy, int t) {
      for (int row = 0; t + 1 < packing.steps() && row < packing.rowsAt(t + 1); row++) {
        int from = (packing.at(t + 1) + row) * inputSize;
        int to = (packing.at(t) + row) * outputSize;
        for (int i = 0; i < inputSize * outputSize; i++) {
          dy[to + i % outputSize] += feed[i] * dx[from + i / outputSize];
        }
      }
    }

    /** Returns the twin's loss at parameters, inputs and a state, one behind the other. */
    double twinLoss(double[] point) {
      ParamLayout layout = given.layout();
      int n = layout.size();
      int inputs = packing.positions() * inputSize;
      TwinParams params = new TwinParams(layout, Arrays.copyOf(point, n));
      TwinStack twin = new TwinStack(given.spec(), "rnn.", params, true, DROPOUT_KEY);
      double[] state = Arrays.copyOfRange(point, n + inputs, point.length);
      float[] weights = given.outputGradient();
      double loss = 0;
      for (int row = 0; row < packing.rows(); row++) {
        double[] y = new double[outputSize];
        for (int t = 0; t < packing.length(row); t++) {
          int position = packing.at(t) + row;
          int from = n + position * inputSize;
          double[] x = Arrays.copyOfRange(point, from, from + inputSize);
          for (int i = 0; i < feed.length; i++) {
            x[i / outputSize] += feed[i] * y[i % outputSize];
          }
          y = twin.step(x, packing, row, t, state);
          for (int j = 0; j < outputSize; j++) {
            loss += weights[position * outputSize + j] * y[j];
          }
        }
      }
      float[] stateWeights = given.state(5);
      for (int i = 0; i < state.length; i++) {
        loss += stateWeights[i] * state[i];
      }
      return loss;
    }

    /** Returns the gradient at {@link #point}, made step by step. */
    float[] gradient() {
      RnnStack stack = given.stack();
      float[] x = given.inputs();
      stack.begin(x, packing, given.state(4), true, DROPOUT_KEY);
      for (int t = 0; t < packing.steps(); t++) {
        feed(x, stack.output(), stack.outputOffset(), t);
        stack.step(t);
      }
      float[] dy = given.outputGradient();
      float[] dx = new float[x.length];
      float[] dState = given.state(5);
      Gradient into = new Gradient(given.layout().size());
      stack.beginBackward(dy, dx, dState, into);
      for (int t = packing.steps() - 1; t >= 0; t--) {
        feedBack(dx, dy, t);
        stack.stepBack(t);
      }
      stack.endBackward();
      return join(into.dense(), dx, dState);
    }

    /** Returns parameters, inputs and state. */
    double[] point() {
      float[] point = join(given.params(), given.inputs(), given.state(4));
      double[] values = new double[point.length];
      Arrays.setAll(values, i -> point[i]);
      return values;
    }

    private static float[] join(float[]... parts) {
      int size = Arrays.stream(parts).mapToInt(part -> part.length).sum();
      float[] all = new float[size];
      int at = 0;
      for (float[] part : parts) {
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
      return all;
    }

    double difference(double[] point, int at) {
      double[] moved = point.clone();
      moved[at] = point[at] + STEP;
      double above = twinLoss(moved);
      moved[at] = point[at] - STEP;
      return (above - twinLoss(moved)) / (2 * STEP);
    }
  }

  static List<Case> small() {
    return cases().stream().filter(c -> c.lengths().length < 10).toList();
  }

  @ParameterizedTest
  @MethodSource("small")
  void inputs_that_depend_on_the_output_before_have_the_gradients_of_the_twin(Case given) {
    Feeding feeding = new Feeding(given);
    float[] gradient = feeding.gradient();
    double[] point = feeding.point();
    double squares = 0;
    for (float g : gradient) {
      squares += (double) g * g;
    }
    double scale = Math.sqrt(squares / gradient.length);
    int stride = Math.max(1, gradient.length / 300);
    for (int at = 0; at < gradient.length; at += stride) {
      double expected = feeding.difference(point, at);
      assertThat((double) gradient[at])
          .as("element %d of %d", at, gradient.length)
          .isCloseTo(expected, within(1e-4 * Math.max(Math.abs(expected), scale) + 5e-7));
    }
  }
}
