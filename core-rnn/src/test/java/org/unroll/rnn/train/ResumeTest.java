// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.train.TrainSpec.StateMode;

/** A training that is left between two rounds and taken up again, through the bytes of a file. */
class ResumeTest {
  private static final int[] TRAIN = Texts.language(160, 1);
  private static final int[] VALID = Texts.language(60, 2);
  private static final int[] TEST = Texts.language(50, 3);

  private record Case(String name, Network network, TrainSpec spec, boolean validates) {
    @Override
    public String toString() {
      return name;
    }

    LocalRounds rounds() {
      return new LocalRounds(
          network, spec, TRAIN, validates ? VALID : null, validates ? TEST : null);
    }

    Trainer trainer() {
      return new Trainer(network, spec);
    }
  }

  /** The traces that a training leaves, without its times. */
  private record Traces(float[] params, List<Object> course) {
    static Traces of(TrainResult result) {
      List<Object> course = new ArrayList<>();
      course.add(result.bestEpoch());
      course.add(result.rounds());
      course.add(String.valueOf(result.test()));
      for (EpochMetrics m : result.epochs()) {
        course.add(m.epoch() + " " + m.step() + " " + m.train() + " " + m.valid());
        course.add(m.lr() + " " + m.gradientNorm());
      }
      return new Traces(result.params(), course);
    }
  }

  /** Keeps the state after every round. */
  private static final class EveryRound implements TrainListener {
    final List<byte[]> files = new ArrayList<>();

    @Override
    public void pause(long step, Supplier<TrainState> state) {
      TrainState now = state.get();
      assertThat(now.next().step()).isEqualTo(step);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try {
        CheckpointFile.write(out, new CheckpointFile.Content(now.texts(), now.vectors()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      files.add(out.toByteArray());
    }
  }

  private static TrainState read(byte[] file) throws IOException {
    CheckpointFile.Content content =
        CheckpointFile.read(new ByteArrayInputStream(file), "the file");
    return TrainState.of(content.texts(), content.vectors());
  }

  private static Network model(double dropout, boolean learnedState) {
    return TestNetworks.language(7, 5, CellType.LSTM, 2, 6, true, dropout, false, learnedState);
  }

  private static Specs specs() {
    return Specs.train().shards(3).epochs(3).clipNorm(1).optimizer(OptimizerSpec.Kind.ADAM, 0.02);
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (OptimizerSpec.Kind kind : OptimizerSpec.Kind.values()) {
      TrainSpec spec = specs().optimizer(kind, 0.05).build();
      cases.add(new Case(kind.name(), model(0.2, false), spec, true));
    }
    for (ScheduleSpec.Kind kind : ScheduleSpec.Kind.values()) {
      ScheduleSpec schedule = new ScheduleSpec(kind, 0.5, 1, 0, 4);
      TrainSpec spec = specs().epochs(4).schedule(schedule).build();
      cases.add(new Case(kind.name(), model(0, false), spec, true));
    }
    ScheduleSpec plateau = new ScheduleSpec(ScheduleSpec.Kind.PLATEAU, 0.5, 2, 0, 0);
    TrainSpec wild =
        specs().epochs(8).schedule(plateau).optimizer(OptimizerSpec.Kind.ADAM, 0.5).build();
    cases.add(new Case("PLATEAU that is reached", model(0, false), wild, true));
    TrainSpec patient =
        specs().epochs(9).patience(2).optimizer(OptimizerSpec.Kind.ADAM, 0.5).build();
    cases.add(new Case("patience", model(0, false), patient, true));
    LayerRates unfrozen = new LayerRates(0.4, Map.of(), 1);
    for (OptimizerSpec.Kind kind :
        new OptimizerSpec.Kind[] {OptimizerSpec.Kind.ADAMW, OptimizerSpec.Kind.MOMENTUM}) {
      Specs thawing = specs().epochs(4).optimizer(kind, 0.05).layers(unfrozen);
      cases.add(new Case(kind + ", unfrozen", model(0.2, false), thawing.build(), true));
      TrainSpec local = thawing.round(new RoundSpec(1, 2)).build();
      cases.add(new Case(kind + ", local, unfrozen", model(0.2, false), local, true));
    }
    for (StateMode mode : StateMode.values()) {
      TrainSpec spec = specs().epochs(2).state(mode).build();
      cases.add(new Case("state " + mode, model(0.3, mode == StateMode.LEARNED), spec, true));
    }
    for (StateMode mode : new StateMode[] {StateMode.CARRY, StateMode.LEARNED}) {
      Network merity = TestNetworks.merity(7, CellType.LSTM, mode == StateMode.LEARNED);
      TrainSpec spec = specs().epochs(2).state(mode).build();
      cases.add(new Case("every dropout, state " + mode, merity, spec, true));
    }
    for (StateMode mode : new StateMode[] {StateMode.CARRY, StateMode.RANDOM}) {
      TrainSpec spec = specs().state(mode).window(3).round(new RoundSpec(4, 1)).epochs(4).build();
      cases.add(new Case("windows added up, state " + mode, model(0.2, false), spec, true));
    }
    for (OptimizerSpec.Kind kind : OptimizerSpec.Kind.values()) {
      ScheduleSpec cosine = new ScheduleSpec(ScheduleSpec.Kind.COSINE, 0, 1, 0, 4);
      TrainSpec spec =
          specs()
              .optimizer(kind, 0.02)
              .schedule(cosine)
              .window(3)
              .round(new RoundSpec(1, 3))
              .wire(kind == OptimizerSpec.Kind.RMSPROP ? Wire.BF16 : Wire.FP32)
              .build();
      cases.add(new Case("local steps, " + kind, model(0.2, false), spec, true));
    }
    TrainSpec rounded = specs().wire(Wire.BF16).build();
    cases.add(new Case("wire BF16", model(0, false), rounded, true));
    TrainSpec plain = specs().penalty(new PenaltySpec(0.001, 0.01, false)).clipValue(0.1).build();
    cases.add(new Case("no validation", model(0, false), plain, false));
    TrainSpec cut = specs().maxSteps(13).build();
    cases.add(new Case("steps that run out", model(0, false), cut, true));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_training_ends_with_the_same_bits_wherever_it_was_left(Case of) throws IOException {
    EveryRound kept = new EveryRound();
    Traces expected = Traces.of(of.trainer().fit(of.rounds(), null, kept));
    assertThat(kept.files.size()).isGreaterThanOrEqualTo(10);
    for (int step = 1; step <= kept.files.size(); step++) {
      EveryRound again = new EveryRound();
      Traces resumed =
          Traces.of(of.trainer().resume(of.rounds(), read(kept.files.get(step - 1)), again));
      assertThat(resumed.params()).as("after round %d", step).containsExactly(expected.params());
      assertThat(resumed.course()).as("after round %d", step).isEqualTo(expected.course());
      assertThat(again.files.size()).isEqualTo(kept.files.size() - step);
    }
  }

  @Test
  void the_schedules_and_patience_of_the_cases_are_at_work() {
    List<TrainResult> results =
        cases()
            .filter(c -> c.name().startsWith("PLATEAU that") || c.name().equals("patience"))
            .map(c -> c.trainer().fit(c.rounds(), null))
            .toList();
    assertThat(results.get(0).epochs().get(7).lr()).isLessThan(0.5);
    assertThat(results.get(1).epochs()).hasSizeLessThan(9);
  }

  @Test
  void a_listener_is_told_where_it_goes_on() throws IOException {
    Case first = cases().findFirst().orElseThrow();
    EveryRound kept = new EveryRound();
    first.trainer().fit(first.rounds(), null, kept);
    int windows = first.rounds().windows();
    List<Object> heard = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void started(int windows, float[] params) {
            heard.add("started");
          }

          @Override
          public void resumed(Window next, List<EpochMetrics> epochs) {
            heard.add(next);
            heard.add(epochs.size());
          }

          @Override
          public void round(RoundMetrics metrics) {
            heard.add(metrics.step());
          }
        };
    TrainState state = read(kept.files.get(windows + 1));
    first.trainer().resume(first.rounds(), state, listener);
    assertThat(heard.subList(0, 4))
        .containsExactly("started", new Window(1, 2, windows + 2), 1, windows + 3L);
    assertThat(state.vectors()).as("what would stay in memory").isEmpty();
  }

  @Test
  void a_state_of_another_training_is_refused() throws IOException {
    Case adam = cases().filter(c -> c.name().equals("ADAM")).findFirst().orElseThrow();
    EveryRound kept = new EveryRound();
    adam.trainer().fit(adam.rounds(), null, kept);
    byte[] file = kept.files.get(0);
    Case momentum = cases().filter(c -> c.name().equals("MOMENTUM")).findFirst().orElseThrow();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> momentum.trainer().resume(momentum.rounds(), read(file)))
        .withMessage("the state has no vector 'moment.velocity'");
    TrainState smaller = read(file);
    smaller.vectors().put("params", new float[3]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adam.trainer().resume(adam.rounds(), smaller))
        .withMessageContaining("'params' of the state has 3 numbers but must have ");
    TrainState fewer = read(file);
    fewer.vectors().remove("state.2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adam.trainer().resume(adam.rounds(), fewer))
        .withMessage("there are 3 shards but states of 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainState.of(Map.of("next", "1 2"), Map.of()))
        .withMessage("the state has no 'numbers'");
    String text = read(file).texts().get("numbers");
    for (String missing : new String[] {"next", "run", "epochs"}) {
      String other = text.replace('"' + missing + '"', "\"other\"");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TrainState.of(Map.of("numbers", other), Map.of()))
          .withMessageContaining("'numbers' of the state: ")
          .withMessageContaining("'" + missing + "'");
    }
  }
}
