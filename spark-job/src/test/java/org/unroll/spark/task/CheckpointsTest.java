// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.RoundSums;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.Window;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.task.Checkpoints.RunIdentity;
import org.unroll.spark.task.TrainRequest.CheckpointInterval;
import org.unroll.spark.task.TrainRequest.CheckpointSettings;

class CheckpointsTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
  private long seconds;

  private Checkpoints checkpoints(String every) {
    PrintStream err = new PrintStream(notes, true, StandardCharsets.UTF_8);
    CheckpointSettings settings = new CheckpointSettings(CheckpointInterval.parse(every), 3, null);
    String out = folder.resolve("model").toString();
    return new Checkpoints(
        settings, out, new Terminal(err, err, false, 80), () -> seconds * 1_000_000_000L);
  }

  private Checkpoints started(String every) {
    Checkpoints checkpoints = checkpoints(every);
    assertThat(checkpoints.resume(run("abc", 0.1), false)).isEmpty();
    checkpoints.prepare();
    return checkpoints;
  }

  private static RunIdentity run(String hash, double lr) {
    return new RunIdentity(hash, Map.of("lr", lr));
  }

  private static TrainState state(long step, float param) {
    Map<String, float[]> vectors = new LinkedHashMap<>(Map.of("params", new float[] {param}));
    Window next = new Window((int) (step / 10), (int) (step % 10), step);
    return new TrainState(next, new RoundSums(), new RoundSums(), List.of(), vectors);
  }

  private void offer(Checkpoints checkpoints, int from, int to) {
    for (int step = from; step <= to; step++) {
      seconds++;
      TrainState state = state(step, step);
      checkpoints.pause(step, () -> state);
    }
  }

  private List<String> steps() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("model.checkpoints"))) {
      return files
          .map(file -> file.getFileName().toString().replaceAll("round-0*|\\.safetensors", ""))
          .sorted()
          .toList();
    }
  }

  private String notes() {
    return notes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void they_are_written_every_so_many_rounds() throws IOException {
    offer(started("4"), 1, 9);
    assertThat(steps()).containsExactly("4", "8");
  }

  @Test
  void they_are_written_from_time_to_time() throws IOException {
    offer(started("3s"), 1, 8);
    assertThat(steps()).containsExactly("3", "6");
  }

  @Test
  void none_are_written_without_an_interval() {
    offer(started("0"), 1, 9);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void the_state_is_not_asked_for_before_it_is_due() {
    started("4")
        .pause(
            3,
            () -> {
              throw new AssertionError("not due");
            });
  }

  @Test
  void a_run_finds_its_place_and_its_time_again() {
    offer(started("4"), 1, 25);
    Checkpoints again = checkpoints("0");
    TrainState state = again.resume(run("abc", 0.1), false).orElseThrow();
    assertThat(state.next()).isEqualTo(new Window(2, 4, 24));
    assertThat(state.vectors().get("params")).containsExactly(24);
    assertThat(notes())
        .contains("Resuming after round 4 of epoch 3 from " + folder.resolve("model.checkpoints"));
    assertThat(again.seconds()).isCloseTo(24, within(1e-9));
  }

  @Test
  void the_end_of_an_epoch_is_the_place_after_its_last_round() {
    offer(started("10"), 1, 25);
    checkpoints("10").resume(run("abc", 0.1), false);
    assertThat(notes()).contains("Resuming after round 10 of epoch 2 from ");
  }

  @Test
  void checkpoints_of_another_run_are_refused_with_what_differs() {
    offer(started("4"), 1, 9);
    assertThatThrownBy(() -> checkpoints("4").resume(run("abc", 0.05), false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("round-000000000008.safetensors is of another training:")
        .hasMessageContaining(" training: --lr is 0.1 there and 0.05 here. To go on")
        .hasMessageContaining("--checkpoint-dir")
        .hasMessageContaining("--overwrite");
    assertThatThrownBy(() -> checkpoints("4").resume(run("xyz", 0.1), false))
        .hasMessageContaining("the data are others. To go on");
  }

  @Test
  void checkpoints_of_another_run_make_way_when_told_to() {
    offer(started("4"), 1, 9);
    assertThat(checkpoints("4").resume(run("abc", 0.05), true)).isEmpty();
    assertThat(notes()).contains("Removed the checkpoints of another training in ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void those_of_this_run_are_used_even_if_told_to_overwrite() {
    offer(started("4"), 1, 9);
    assertThat(checkpoints("4").resume(run("abc", 0.1), true)).isPresent();
  }

  @Test
  void it_is_said_when_none_can_be_used() throws IOException {
    offer(started("4"), 1, 4);
    Files.write(
        folder.resolve("model.checkpoints/round-000000000004.safetensors"), new byte[] {1, 2});
    assertThat(checkpoints("4").resume(run("abc", 0.1), false)).isEmpty();
    assertThat(notes())
        .contains("which has only 2 bytes.", "No checkpoint can be used: starting anew.");
  }

  @Test
  void a_disk_that_fails_is_told_once_and_tried_again() throws IOException {
    Checkpoints checkpoints = started("2");
    Path place = folder.resolve("model.checkpoints");
    Files.delete(place);
    Files.writeString(place, "in the way");
    offer(checkpoints, 1, 6);
    assertThat(notes().lines())
        .singleElement()
        .asString()
        .startsWith("Warning: the checkpoint " + place)
        .contains("could not be written: ")
        .endsWith("The training goes on, and tries again when the next one is due.");
    Files.delete(place);
    offer(checkpoints, 7, 8);
    assertThat(steps()).containsExactly("8");
  }

  @Test
  void parameters_gone_wrong_are_no_checkpoint() throws IOException {
    Checkpoints checkpoints = started("1");
    offer(checkpoints, 1, 1);
    checkpoints.pause(2, () -> state(2, Float.NaN));
    checkpoints.pause(3, () -> state(3, Float.POSITIVE_INFINITY));
    assertThat(steps()).containsExactly("1");
  }

  @Test
  void nothing_empty_is_left() {
    try (Checkpoints checkpoints = started("4")) {
      assertThat(folder.resolve("model.checkpoints")).isDirectory();
      offer(checkpoints, 1, 3);
    }
    assertThat(folder).isEmptyDirectory();
    Checkpoints checkpoints = started("4");
    offer(checkpoints, 1, 4);
    checkpoints.remove();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void equal_runs_have_equal_names() {
    assertThat(run("abc", 0.1).id()).hasSize(16).isEqualTo(run("abc", 0.1).id());
    assertThat(run("abc", 0.1).id()).isNotEqualTo(run("abc", 0.2).id());
    assertThat(run("abc", 0.1).differences(run("abc", 0.1).texts())).isEmpty();
  }
}
