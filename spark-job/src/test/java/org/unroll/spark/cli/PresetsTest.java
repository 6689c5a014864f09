// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine;

class PresetsTest {
  @TempDir Path folder;

  static Stream<Path> presets() throws IOException {
    try (Stream<Path> files = Files.list(Shell.HOME.resolve("conf"))) {
      return files.filter(file -> file.toString().endsWith(".args")).sorted().toList().stream();
    }
  }

  private static TrainRequest train(String... options) {
    return command(options).request("train");
  }

  private static TrainCommand command(String... options) {
    return parsed("train", options);
  }

  private static <T extends BaseCommand> T parsed(String name, String... options) {
    CommandLine all = Cli.root(null);
    String[] words = Stream.concat(Stream.of(name), Stream.of(options)).toArray(String[]::new);
    all.parseArgs(Presets.settle(all, new Presets(Shell.HOME, Shell.HOME).resolve(words)));
    T command = all.getSubcommands().get(name).getCommand();
    new OptionRules(command.spec).check();
    return command;
  }

  @ParameterizedTest
  @MethodSource("presets")
  void every_preset_is_understood_and_explained(Path preset) throws IOException {
    if (Files.readString(preset).contains("scripts/unroll retrain ")) {
      RetrainCommand command = parsed("retrain", "@" + preset, "--input", "x");
      new OptionRules(command.spec).checkTask(command.task);
    } else {
      TrainCommand command = command("@" + preset, "--input", "x", "--out", "y");
      new OptionRules(command.spec).checkTask(command.task);
      assertThat(command.request("train")).isNotNull();
    }
    for (String line : Files.readAllLines(preset)) {
      if (line.startsWith("--")) {
        assertThat(line).as("its reason").contains(" # ");
        assertThat(line.split(" ")[2]).as("one option a line").matches("|#|[^-].*");
      }
    }
  }

  @Test
  void the_word_preset_is_the_published_recipe() {
    TrainRequest request = train("@conf/ptb-small.args", "--input", "x", "--out", "y");
    TrainRequest.Text text = (TrainRequest.Text) request.data();
    assertThat(text.unit()).isEqualTo("word");
    assertThat(text.vocabularySize()).isEqualTo(10_000);
    TrainSpec train = request.train();
    assertThat(List.of(train.batch(), train.window(), train.epochs(), train.shards()))
        .containsExactly(20, 20, 13, 2);
    assertThat(train.optimizer().kind()).isEqualTo(OptimizerSpec.Kind.SGD);
    assertThat(train.optimizer().lr()).isEqualTo(20);
    assertThat(train.clipNorm()).isEqualTo(0.25);
    assertThat(train.schedule())
        .isEqualTo(new ScheduleSpec(ScheduleSpec.Kind.EXPONENTIAL, 0.5, 1, 4, 0));
    assertThat(train.init()).isEqualTo(new InitSpec(InitSpec.Kind.UNIFORM, 0.1, false, 0));
    assertThat(request.network().layers().cell()).isEqualTo(CellType.LSTM);
    assertThat(request.network().layers().hiddenSize()).isEqualTo(200);
  }

  @Test
  void options_behind_a_preset_win() {
    TrainRequest request =
        train("@conf/shakespeare-char.args", "--hidden", "7", "--input", "x", "--out", "y");
    assertThat(request.network().layers().hiddenSize()).isEqualTo(7);
    assertThat(request.network().layers().inputSize()).isEqualTo(128);
  }

  @Test
  void a_preset_beside_the_caller_comes_first() throws IOException {
    Path own = Files.createDirectories(folder.resolve("conf")).resolve("ptb-small.args");
    Files.writeString(own, "--hidden 3");
    assertThat(new Presets(folder, Shell.HOME).find("conf/ptb-small.args")).isEqualTo(own);
  }

  @Test
  void a_preset_is_found_from_any_folder() {
    assertThat(new Presets(folder, Shell.HOME).find("conf/ptb-small.args"))
        .isEqualTo(Shell.HOME.resolve("conf/ptb-small.args"));
  }

  @Test
  void without_the_project_a_missing_preset_says_what_to_set() {
    assertThatThrownBy(() -> new Presets(folder, null).find("conf/ptb-small.args"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("UNROLL_HOME");
  }

  @Test
  void two_at_signs_are_text() {
    assertThat(new Presets(folder, null).resolve("--prompt", "@@home"))
        .containsExactly("--prompt", "@@home");
  }
}
