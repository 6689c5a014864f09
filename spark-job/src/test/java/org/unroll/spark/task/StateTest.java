// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.task.RowTask.UnusableRowException;

class StateTest {
  private static final float NONE = Float.NaN;

  private static Vocabulary vocabulary(String... tokens) {
    return Vocabulary.of(
        Arrays.stream(tokens).map(token -> new Vocabulary.Entry(token, 1)).toList());
  }

  private static final Vocabulary ACTIONS = vocabulary("<unk>", "left", "right");

  private static final RowEncoder TOKENS =
      new RowEncoder(
          List.of(vocabulary("<unk>", "wall", "door"), ACTIONS),
          null,
          null,
          List.of("door", "wall"),
          Map.of(),
          null,
          0);

  /** Numbers are scaled by (x - 1) / 2 and (x - 0) / 4. */
  private static final RowEncoder NUMBERS =
      new RowEncoder(
          List.of(ACTIONS),
          null,
          null,
          List.of(),
          Map.of(),
          new ChannelStatistics(new long[] {9, 9}, new double[] {1, 0}, new double[] {2, 4}),
          0);

  private static SequenceRow walk(String observations, String actions) {
    String[][] tokens = {observations.split(" "), actions.split(" ")};
    return new SequenceRow(new RowKey(0, 0), "w", tokens, new float[0], 0, null, null, null);
  }

  private static SequenceRow numbers(String actions, float... values) {
    String[][] tokens = {actions.split(" ")};
    return new SequenceRow(new RowKey(0, 0), "w", tokens, values, 2, null, null, null);
  }

  @Test
  void observations_and_actions_are_read_by_turns_and_the_next_observation_is_the_target()
      throws UnusableRowException {
    SequenceRow row = walk("wall door wall", "left left right");
    Example example = State.of(false, false).toScore(row, TOKENS);
    assertThat(example.steps()).isEqualTo(6);
    assertThat(example.tokens()[0]).containsExactly(1, 0, 2, 0, 1, 0);
    assertThat(example.tokens()[1]).containsExactly(0, 1, 0, 1, 0, 2);
    int no = Batch.MASKED;
    assertThat(example.labels()).containsExactly(no, 0, no, 1, no, no);
    assertThat(State.of(false, false).toLearn(row, TOKENS)).hasSize(1);
  }

  @Test
  void observations_of_numbers_are_scaled_and_predicted_as_such() throws UnusableRowException {
    SequenceRow row = numbers("left right", 3, 4, -1, 8);
    Example example = State.of(true, false).toScore(row, NUMBERS);
    assertThat(example.tokens()[0]).containsExactly(0, 1, 0, 2);
    assertThat(example.features()).containsExactly(1, 1, 0, 0, -1, 2, 0, 0);
    assertThat(example.values()).containsExactly(NONE, NONE, -1, 2, NONE, NONE, NONE, NONE);
  }

  @Test
  void a_walk_of_one_step_can_be_read_but_not_scored() {
    SequenceRow row = walk("wall", "left");
    assertThat(State.of(false, false).toRead(row, TOKENS).steps()).isEqualTo(2);
    assertThatThrownBy(() -> State.of(false, false).toScore(row, TOKENS))
        .isInstanceOf(UnusableRowException.class)
        .hasMessageContaining("one step");
  }

  @Test
  void an_observation_that_training_never_saw_can_be_read_but_not_scored() {
    SequenceRow row = walk("wall lava", "left left");
    assertThat(State.of(false, false).toRead(row, TOKENS).tokens()[0]).containsExactly(1, 0, 0, 0);
    assertThatThrownBy(() -> State.of(false, false).toScore(row, TOKENS))
        .isInstanceOf(UnusableRowException.class)
        .hasMessageContaining("observation 'lava'")
        .hasMessageContaining("door, wall");
  }

  @Test
  void answers_are_the_states_behind_observations_and_predictions_behind_actions() {
    SequenceRow row = walk("wall door", "left right");
    State task = State.of(false, false);
    Prediction said =
        new Prediction(new int[] {0, 1, 1, 0}, new float[0], new float[0], new float[0])
            .withStates(new float[] {1, 2, 3, 4, 5, 6, 7, 8});
    Object[] answer = task.answer(row, task.toRead(row, TOKENS), said, TOKENS);
    assertThat((float[][]) answer[0]).isDeepEqualTo(new float[][] {{1, 2}, {5, 6}});
    assertThat((String[]) answer[1]).containsExactly("wall", "door");
    assertThat(task.columns().fieldNames()).containsExactly("state", "prediction");
  }

  @Test
  void predicted_numbers_are_in_the_scale_of_the_data() {
    SequenceRow row = numbers("left", 3, 4);
    State task = State.of(true, false);
    Prediction said =
        new Prediction(
            new int[0], new float[0], new float[] {9, 9, 2, 0.5f}, new float[] {1, 2, 3, 4});
    Object[] answer = task.answer(row, task.toRead(row, NUMBERS), said, NUMBERS);
    assertThat((float[][]) answer[1]).isDeepEqualTo(new float[][] {{5, 2}});
  }

  private static ColumnChoice columns(List<String> text, List<String> features) {
    ColumnChoice told = new ColumnChoice(text, features, null, null, LabelKind.NONE, false);
    return State.columns(told, "place");
  }

  @Test
  void columns_are_those_of_observations_and_of_actions() {
    assertThat(columns(List.of(), List.of()).text()).containsExactly("observations", "actions");
    assertThat(columns(List.of("o", "a"), List.of()).text()).containsExactly("o", "a");
    assertThat(columns(List.of(), List.of("felt")).text()).containsExactly("actions");
    assertThat(columns(List.of(), List.of()).label()).isEqualTo("place");
    assertThatThrownBy(() -> columns(List.of("o"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--text observations,actions");
    assertThatThrownBy(() -> columns(List.of("o", "a"), List.of("felt")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("actions alone")
        .hasMessageContaining("o,a");
  }

  @Test
  void probes_are_counted_by_how_much_was_felt() throws UnusableRowException {
    State task =
        new State(new State.Form(false, true, List.of("here", "there")), null)
            .with(
                new Probes(
                    new Probes.LinearProbe(new float[] {1, -1}, new float[2]),
                    new Probes.LinearProbe(new float[] {0, 0, 0, 0}, new float[] {1, 0})));
    String[] places = {"here", "there", "there", "nowhere"};
    String[][] tokens = {"wall door wall wall".split(" "), "left left left left".split(" ")};
    SequenceRow row =
        new SequenceRow(new RowKey(0, 0), "w", tokens, new float[0], 0, null, places, null);
    Prediction said =
        new Prediction(new int[8], new float[0], new float[0], new float[0])
            .withStates(new float[] {1, 9, -1, 9, 1, 9, -1, 9});
    Metric metric = task.scoring(TOKENS);
    double[] sums = metric.add(task.toScore(row, TOKENS), said, new double[metric.size()]);
    Map<String, Double> figures = task.figures(0, sums, TOKENS);
    assertThat(figures).containsEntry("perplexity", 1.0);
    assertThat(figures).containsEntry("probe_accuracy", 0.5);
    assertThat(figures).containsEntry("probe_baseline_accuracy", 0.25);
    assertThat(task.findings(sums, TOKENS).tables().get(0).rows())
        .containsExactly(
            List.of("1", "1", "100.00 %", "100.00 %"),
            List.of("2 to 3", "2", "50.00 %", "0.00 %"),
            List.of("4 to 7", "1", "0.00 %", "0.00 %"));
  }

  @Test
  void probes_are_fitted_on_whole_walks_of_many_or_on_some_steps_of_a_few_long_ones() {
    assertThat(ProbeFit.Spread.of(64, 1_920, 40_000)).isEqualTo(new ProbeFit.Spread(1, 1));
    assertThat(ProbeFit.Spread.of(4_000, 400_000, 40_000)).isEqualTo(new ProbeFit.Spread(10, 1));
    assertThat(ProbeFit.Spread.of(4_000, 79_999, 40_000)).isEqualTo(new ProbeFit.Spread(2, 1));
    assertThat(ProbeFit.Spread.of(1, 10_000_000, 40_000)).isEqualTo(new ProbeFit.Spread(1, 250));
    assertThat(ProbeFit.Spread.of(600, 1_200_000, 40_000)).isEqualTo(new ProbeFit.Spread(3, 10));
  }

  @Test
  void a_probe_finds_the_best_place_and_comes_back_from_its_file() {
    Probes.LinearProbe probe =
        new Probes.LinearProbe(new float[] {1, 0, 0, 1, -1, -1}, new float[] {0, 0.5f, 0.6f});
    assertThat(probe.place(new float[] {9, 2, 1}, 1)).isZero();
    assertThat(probe.place(new float[] {0, 1}, 0)).isEqualTo(1);
    assertThat(probe.place(new float[] {0, 0}, 0)).isEqualTo(2);
    for (int one = 0; one < 2; one++) {
      float[] vector = new float[2];
      vector[one] = 1;
      assertThat(probe.placeOfOne(one)).isEqualTo(probe.place(vector, 0));
    }
    assertThat(probe.placeOfOne(-1)).isEqualTo(2);
    Map<String, Tensor> tensors = new Probes(probe, probe).tensors();
    assertThat(Probes.LinearProbe.of("state", tensors, 3, 2).weight()).isEqualTo(probe.weight());
    assertThatThrownBy(() -> Probes.LinearProbe.of("state", tensors, 3, 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("[3, 4]")
        .hasMessageContaining("[3, 2]");
  }
}
