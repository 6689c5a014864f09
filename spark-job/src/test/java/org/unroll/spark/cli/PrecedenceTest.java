// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class PrecedenceTest {
  /** Something to say with each option that takes a value. */
  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("--valid", "rows.tsv"),
          Map.entry("--valid-fraction", "0.1"),
          Map.entry("--adaptive", "5,9"),
          Map.entry("--pattern", "\\w+"),
          Map.entry("--head", "crf"),
          Map.entry("--label-smoothing", "0.1"),
          Map.entry("--class-weights", "balanced"),
          Map.entry("--label", "sum"),
          Map.entry("--horizon", "3"),
          Map.entry("--context", "9"),
          Map.entry("--season", "12"),
          Map.entry("--columns", "a,text"),
          Map.entry("--init", "xavier"),
          Map.entry("--forget-bias", "1"),
          Map.entry("--local-steps", "4"),
          Map.entry("--hold-out", "0.1,0.1"),
          Map.entry("--nonlinearity", "relu"));

  @TempDir Path folder;

  /** A command, what gives way in its presets, and to what: two options that exclude each other. */
  static List<Arguments> pairs() {
    List<Arguments> pairs = new ArrayList<>();
    for (String command : List.of("train", "prepare")) {
      for (OptionSpec option : root().getSubcommands().get(command).getCommandSpec().options()) {
        OptionRule rule = ((Field) option.userObject()).getAnnotation(OptionRule.class);
        if (rule == null
            || command.equals("prepare") && !option.longestName().equals("--columns")) {
          continue;
        }
        for (String other : rule.notWith()) {
          pairs.add(Arguments.of(command, said(option), said(command, other)));
          if (!other.equals("--momentum=0")) {
            pairs.add(Arguments.of(command, said(command, other), said(option)));
          }
        }
      }
    }
    for (String cell : List.of("lstm", "gru")) {
      pairs.add(Arguments.of("train", "--nonlinearity=relu", "--cell=" + cell));
    }
    pairs.add(Arguments.of("train", "--nesterov", "--optimizer=adam"));
    pairs.add(Arguments.of("train", "--pattern=\\w+", "--unit=word"));
    return pairs;
  }

  private static String said(String command, String other) {
    OptionSpec option =
        root().getSubcommands().get(command).getCommandSpec().findOption(other.split("=")[0]);
    assertThat(option).as(other).isNotNull();
    return other.contains("=") ? other : said(option);
  }

  private static String said(OptionSpec option) {
    String name = option.longestName();
    return option.arity().max() == 0 ? name : name + "=" + VALUES.get(name);
  }

  private static CommandLine root() {
    return Cli.root(null);
  }

  private static List<String> settled(String... words) {
    return List.of(Presets.settle(root(), words));
  }

  private String preset(String name, String... lines) throws IOException {
    return "@" + Files.write(folder.resolve(name), List.of(lines));
  }

  @ParameterizedTest(name = "{0} {1} / {2}")
  @MethodSource("pairs")
  void an_option_of_a_preset_gives_way_and_a_typed_one_does_not(
      String command, String one, String other) throws IOException {
    String preset = preset("one.args", one, "--seed 5 # a reason");
    assertThat(settled(command, preset, "--input", "a", other))
        .containsExactly(command, "--seed", "5", "--input", "a", other);
    assertThat(settled(command, "--input", "a", one, other))
        .containsExactly(command, "--input", "a", one, other);
    assertThat(settled(command, preset("both.args", one, other)))
        .containsExactly(command, one, other);
    assertThat(settled(command, other, preset)).containsExactly(command, other, one, "--seed", "5");
  }

  @ParameterizedTest(name = "{0} {1} / {2}")
  @MethodSource("pairs")
  void names_and_values_are_those_of_options(String command, String one, String other) {
    assertThat(root().parseArgs(command, one, other).subcommand().matchedOptions()).hasSize(2);
  }

  static Stream<Arguments> harmless() {
    return Stream.of(
        Arguments.of("--valid rows.tsv", "--valid-fraction=0"),
        Arguments.of("--label-smoothing 0.1", "--head=softmax"),
        Arguments.of("--head crf", "--class-weights=none"),
        Arguments.of("--nonlinearity relu", "--cell=rnn"),
        Arguments.of("--cell gru", "--nonlinearity=relu"),
        Arguments.of("--nesterov", "--optimizer=momentum"));
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void what_says_only_what_is_so_anyway_excludes_nothing(String one, String other)
      throws IOException {
    assertThat(settled("train", preset("one.args", one), other))
        .startsWith(("train " + one).split(" "))
        .endsWith(other);
  }

  @Test
  void two_that_are_typed_are_refused_with_the_way_out() {
    assertThat(Shell.run("train", "--input", "a", "--cell", "gru", "--nonlinearity", "relu").err())
        .contains(
            "--nonlinearity relu is for --cell rnn, but --cell is gru: leave it out, or give");
  }

  @Test
  void a_later_preset_wins_over_an_earlier_one() throws IOException {
    String first = preset("first.args", "--valid-fraction 0.1 # a tenth", "--text '@a b'");
    String second = preset("second.args", "--valid rows.tsv");
    assertThat(settled("train", first, second, "--lr=3"))
        .containsExactly("train", "--text", "@@a b", "--valid", "rows.tsv", "--lr=3");
  }

  @Test
  void words_that_cannot_be_read_are_left_to_the_parser() throws IOException {
    String preset = preset("one.args", "--valid-fraction 0.1");
    assertThat(settled("train", preset, "--valid", "x", "--hidden", "many"))
        .containsExactly("train", preset, "--valid", "x", "--hidden", "many");
    assertThat(settled(preset, "train")).containsExactly(preset, "train");
  }

  @Test
  void lists_do_not_grow_while_presets_are_settled() throws IOException {
    CommandLine root = root();
    String preset = preset("one.args", "--valid-fraction 0.1");
    root.parseArgs(Presets.settle(root, "train", "--input", "a", preset, "--valid", "x"));
    TrainCommand command = root.getSubcommands().get("train").getCommand();
    assertThat(command.options.data.input).containsExactly("a");
    assertThat(command.options.data.validFraction).isZero();
  }

  @Test
  void validation_rows_take_the_place_of_a_presets_fraction() throws IOException {
    String preset = preset("tag.args", "--task tag", "--valid-fraction 0.1");
    Outcome outcome = Shell.run("train", preset, "--input", "a", "--valid", "b");
    assertThat(outcome.err()).contains("--out is missing");
  }

  @Test
  void two_in_one_preset_are_refused() throws IOException {
    String preset = preset("tag.args", "--task tag", "--valid-fraction 0.1", "--valid b");
    Outcome outcome = Shell.run("train", preset, "--input", "a");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("both name the validation data");
  }
}
