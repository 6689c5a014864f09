// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that holds others and does nothing itself. */
abstract class CommandGroup implements Runnable {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this page.")
  boolean help;

  @Override
  public final void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  /** The root of all commands. */
  @Command(
      name = "unroll",
      description = "Recurrent networks, trained on Apache Spark.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "unroll help COMMAND, or unroll COMMAND --help, lists the options of a command."
            + " @conf/ptb-small.args takes options from a preset file; options behind it win, over"
            + " their own values and over all that they do not go with."
      })
  static final class Unroll extends CommandGroup {
    private static final List<Class<?>> COMMANDS =
        List.of(
            QuickstartCommand.class,
            TrainCommand.class,
            RetrainCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            ReportCommand.class,
            Inspect.class,
            GenerateCommand.class,
            ServeCommand.class,
            EmbedCommand.class,
            NeighboursCommand.class,
            AnalogiesCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            Registry.class,
            PlanCommand.class,
            PrepareCommand.class,
            DescribeCommand.class,
            GenerateDataCommand.class,
            Bench.class);

    @Option(names = "--version", versionHelp = true, description = "Print the versions at work.")
    boolean version;

    /**
     * Returns the commands that may be meant: the one of a name, or all where there is none. To
     * make all takes longer than to load a model.
     */
    static List<Class<?>> commands(String name) {
      List<Class<?>> named =
          COMMANDS.stream()
              .filter(command -> command.getAnnotation(Command.class).name().equals(name))
              .toList();
      return named.isEmpty() ? COMMANDS : named;
    }
  }

  /** The group of measurements. */
  @Command(
      name = "bench",
      description =
          "Measures the speed of this machine's training and preparing of text, beside its limit and"
              + " others.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {"", "unroll bench COMMAND --help lists the options of a command."},
      subcommands = {
        RaceCommand.Cells.class,
        RaceCommand.Readers.class,
        BenchEmbedCommand.class,
        RaceCommand.Kernels.class,
        BenchRoundsCommand.class,
        BenchCorpusCommand.class
      })
  static final class Bench extends CommandGroup {}

  /** The group of pictures of what a network does. */
  @Command(
      name = "inspect",
      description =
          "Shows what happens inside a network, and what it is wrong about: gates, gradients, attention,"
              + " embeddings, errors.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {"", "unroll inspect COMMAND --help lists the options of a command."},
      subcommands = {
        InspectCommand.Gates.class,
        InspectCommand.Gradients.class,
        InspectAttentionCommand.class,
        InspectEmbeddingsCommand.class,
        InspectErrorsCommand.class
      })
  static final class Inspect extends CommandGroup {}

  /** The group of what is done with the versions of a model. */
  @Command(
      name = "registry",
      description =
          "Shows and compares the versions of a model, chooses which is in use, and keeps order.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {"", "unroll registry COMMAND --help lists the options of a command."},
      subcommands = {
        RegistryCommand.Listing.class,
        RegistryCommand.Show.class,
        RegistryCommand.Diff.class,
        RegistryCommand.History.class,
        RegistryCommand.Promote.class,
        RegistryCommand.Rollback.class,
        RegistryCommand.Prune.class,
        RegistryCommand.Verify.class
      })
  static final class Registry extends CommandGroup {}
}
