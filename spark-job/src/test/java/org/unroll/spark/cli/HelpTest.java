// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
            "embed",
            "neighbours",
            "analogies",
            "export",
            "generate",
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "train",
        "evaluate",
        "embed",
        "neighbours",
        "analogies",
        "export",
        "bench embed",
        "predict",
        "generate",
        "describe",
        "generate-data adding",
        "generate-data brackets",
        "generate-data series",
        "generate-data strokes",
        "generate-data walks",
        "bench cells",
        "bench readers",
        "bench kernels",
        "bench rounds",
        "bench corpus",
        "plan",
        "prepare"
      })
  void a_page_fits_its_width(String command) {
    Outcome outcome = Shell.run((command + " --help").split(" "));
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("Usage: unroll " + command).contains("--seed");
    assertThat(outcome.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "train",
        "evaluate",
        "embed",
        "neighbours",
        "analogies",
        "export",
        "bench embed",
        "predict",
        "generate",
        "describe",
        "generate-data adding",
        "generate-data brackets",
        "generate-data series",
        "generate-data strokes",
        "generate-data walks",
        "bench cells",
        "bench readers",
        "bench kernels",
        "bench rounds",
        "bench corpus",
        "plan",
        "prepare"
      })
  void every_value_has_a_unit_and_a_default_unless_it_must_be_given(String command) {
    CommandLine line = Cli.commandLine(new Invocation(null, null, List.of()), 80);
    for (String word : command.split(" ")) {
      line = line.getSubcommands().get(word);
    }
    for (OptionSpec option : line.getCommandSpec().options()) {
      if (option.arity().max() > 0
          && !Set.of("--input", "--model", "--out").contains(option.longestName())) {
        assertThat(option.paramLabel()).as(option.longestName()).isUpperCase();
        assertThat(String.join(" ", option.description()))
            .as(option.longestName())
            .contains("default");
      }
    }
  }
}
