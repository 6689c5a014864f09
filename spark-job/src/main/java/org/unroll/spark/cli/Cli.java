// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.unroll.spark.report.Terminal;
import picocli.CommandLine;

/**
 * The command line: finds presets, parses, runs one command, and turns whatever goes wrong into a
 * message and an exit code. A new command is one more class in {@link #commands} or a group.
 */
public final class Cli {
  private final Terminal terminal;
  private final Presets presets;

  /** With preset files and samples found for this process. */
  public Cli(Terminal terminal) {
    this(terminal, Presets.ofProcess());
  }

  Cli(Terminal terminal, Presets presets) {
    this.terminal = terminal;
    this.presets = presets;
  }

  private static List<BaseCommand> commands(Invocation invocation) {
    return List.of(
        new QuickstartCommand(invocation),
        new TrainCommand(invocation),
        new EvaluateCommand(invocation),
        new PredictCommand(invocation),
        new GenerateCommand(invocation),
        new EmbedCommand(invocation),
        new NeighboursCommand(invocation),
        new AnalogiesCommand(invocation),
        new ExportCommand(invocation),
        new PlanCommand(invocation),
        new PrepareCommand(invocation),
        new DescribeCommand(invocation));
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0 done, 1 failed while running, 2 wrong usage or bad input
   */
  public int run(String... args) {
    Failures failures = new Failures(terminal, Arrays.asList(args).contains("--verbose"));
    try {
      CommandLine commandLine =
          commandLine(new Invocation(terminal, presets, List.of(args)), terminal.width());
      commandLine.setOut(terminal.resultWriter());
      commandLine.setParameterExceptionHandler((e, ignored) -> failures.usage(e));
      commandLine.setExecutionExceptionHandler(
          (e, command, ignored) -> failures.running(Failures.words(command.getCommandSpec()), e));
      String[] words = presets.resolve(withOwnPreset(commandLine, args));
      return commandLine.execute(Presets.settle(commandLine, words));
    } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
      return failures.running("", e);
    }
  }

  static CommandLine commandLine(Invocation invocation, int width) {
    CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    CommandLine commandLine = new CommandLine(new Unroll());
    commands(invocation).forEach(commandLine::addSubcommand);
    commandLine.addSubcommand(GenerateDataCommand.with(invocation));
    commandLine.addSubcommand(BenchCommand.with(invocation));
    HelpPage.install(commandLine);
    Converters.register(commandLine);
    commandLine.setOverwrittenOptionsAllowed(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(28);
    commandLine.setUsageHelpWidth(Math.max(55, width));
    return commandLine;
  }

  /** A command's own preset comes first, so that all options typed win over it. */
  private static String[] withOwnPreset(CommandLine commandLine, String[] args) {
    List<String> words = Arrays.asList(args);
    CommandLine named = words.isEmpty() ? null : commandLine.getSubcommands().get(words.get(0));
    boolean help = words.contains("--help") || words.contains("-h");
    String preset =
        named != null && named.getCommand() instanceof BaseCommand command
            ? command.ownPreset()
            : "";
    if (help || preset.isEmpty()) {
      return args;
    }
    return Stream.of(List.of(words.get(0), "@" + preset), words.subList(1, words.size()))
        .flatMap(List::stream)
        .toArray(String[]::new);
  }
}
