// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {
  @Test
  void the_first_page_names_all_commands() {
    Outcome outcome = Shell.run("--help");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out())
        .contains(
            "quickstart",
            "train",
            "evaluate",
            "report",
            "inspect",
            "embed",
            "neighbours",
            "analogies",
            "export",
            "registry",
            "generate",
            "serve",
            "plan",
            "prepare",
            "describe",
            "generate-data",
            "bench");
  }

  @Test
  void a_group_names_its_commands() {
    assertThat(Shell.run("bench", "--help").out())
        .contains("Usage: unroll bench", "cells", "readers", "kernels", "rounds")
        .contains("unroll bench COMMAND --help");
  }

  @Test
  void the_version_names_what_is_at_work() {
    assertThat(Shell.run("--version").out()).contains("unroll ", "Spark 4", "Java ");
  }

  /** All commands that do something, as they are typed. */
  static List<String> commands() {
    List<String> commands = new ArrayList<>();
    collect(Cli.root(null), "", commands);
    return commands;
  }

  private static void collect(CommandLine line, String words, List<String> commands) {
    line.getSubcommands()
        .forEach(
            (name, below) -> {
              if (below.getSubcommands().isEmpty()) {
                commands.add((words + " " + name).strip());
              } else {
                collect(below, words + " " + name, commands);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void a_page_fits_its_width(String command) {
    Outcome outcome = Shell.run((command + " --help").split(" "));
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("Usage: unroll " + command).contains("--seed");
    assertThat(outcome.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void every_value_has_a_unit_and_a_default_unless_it_must_be_given(String command) {
    CommandLine line = Cli.root(null);
    for (String word : command.split(" ")) {
      line = line.getSubcommands().get(word);
    }
    for (OptionSpec option : line.getCommandSpec().options()) {
      if (option.arity().max() > 0
          && !Set.of("--input", "--model", "--out", "--registry", "--name", "--weights", "--config")
              .contains(option.longestName())) {
        assertThat(option.paramLabel()).as(option.longestName()).isUpperCase();
        assertThat(String.join(" ", HelpPage.withDefault(option, null).description()))
            .as(option.longestName())
            .contains("default");
      }
    }
  }

  @Test
  void help_may_be_a_word() {
    assertThat(Shell.run("help").out()).isEqualTo(Shell.run("--help").out());
    assertThat(Shell.run("help", "train").out()).isEqualTo(Shell.run("train", "--help").out());
    assertThat(Shell.run("help", "bench", "cells").out()).contains("Usage: unroll bench cells");
    Outcome outcome = Shell.run("help", "trian");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("There is no command 'trian': did you mean train?");
  }

  @Test
  void the_quick_start_shows_its_own_defaults() {
    String page = Shell.run("quickstart", "--help").out().replaceAll("\\s+", " ");
    assertThat(page)
        .contains("Passes over the training data (default: 20).")
        .contains("Width of a token's vector (default: 64).")
        .contains("Penalty: factor of the sum of absolute weights (default: 0).");
    assertThat(Shell.run("train", "--help").out().replaceAll("\\s+", " "))
        .contains("Passes over the training data (default: 10).");
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart", "plan"})
  void a_command_of_one_task_has_only_its_options(String command) {
    assertThat(Shell.run(command, "--help").out())
        .contains("--window", "--tied")
        .doesNotContain("--pooling", "--char-hidden");
    assertThat(Shell.run(command, "--pooling", "max").err()).contains("Unknown option --pooling");
  }
}
