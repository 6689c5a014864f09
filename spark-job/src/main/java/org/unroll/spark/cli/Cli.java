// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Platform;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The command line finds presets, parses, runs one command, and turns whatever goes wrong into a
 * message and an exit code. A new command is one more class in {@link CommandGroup}.
 */
public final class Cli {
  private static final int LEAST_WIDTH = 55;

  private final Terminal terminal;
  private final Presets presets;

  /** Makes a command line with the preset files and samples of this process. */
  public Cli(Terminal terminal) {
    this(terminal, Presets.ofProcess());
  }

  Cli(Terminal terminal, Presets presets) {
    this.terminal = terminal;
    this.presets = presets;
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0 done, 1 failed while running, 2 wrong usage or bad input
   */
  public int run(String... args) {
    Failures failures = new Failures(terminal, Arrays.asList(args).contains("--verbose"));
    try {
      CommandLine root = root(new BaseCommand.Invocation(terminal, presets, List.of(args)));
      root.setOut(terminal.resultWriter());
      root.setParameterExceptionHandler((e, ignored) -> failures.usage(e));
      root.setExecutionExceptionHandler(
          (e, command, ignored) -> failures.running(command.getCommandSpec().qualifiedName(), e));
      root.setUsageHelpWidth(Math.max(LEAST_WIDTH, terminal.width()));
      String[] words = presets.resolve(withOwnPreset(root, read(root, helpAsOption(root, args))));
      return root.execute(Presets.settle(root, words));
    } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
      return failures.running("unroll", e);
    }
  }

  /**
   * Returns the training that the options of {@code train} ask for, for those who have Spark
   * already.
   *
   * @param options as they are typed behind the command, preset files among them
   * @throws InputException if they cannot be used, saying why
   */
  public static TrainRequest training(List<String> options) {
    Presets presets = Presets.ofProcess();
    List<String> typed = Stream.concat(Stream.of("train"), options.stream()).toList();
    CommandLine root = root(new BaseCommand.Invocation(null, presets, typed));
    try {
      String[] words = presets.resolve(typed.toArray(String[]::new));
      CommandLine.ParseResult parsed = root.parseArgs(Presets.settle(root, words));
      TrainCommand train = (TrainCommand) parsed.subcommand().commandSpec().userObject();
      new OptionRules(train.spec).check();
      return train.asked();
    } catch (CommandLine.ParameterException e) {
      throw new InputException(Failures.words(e), e);
    }
  }

  /**
   * Returns the command that a call names, ready to parse its options.
   *
   * @param invocation null for all commands, as where it names none
   */
  static CommandLine root(BaseCommand.Invocation invocation) {
    CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    CommandLine root = new CommandLine(new CommandGroup.Unroll());
    boolean named = invocation != null && !invocation.words().isEmpty();
    CommandGroup.Unroll.commands(named ? invocation.words().get(0) : "")
        .forEach(root::addSubcommand);
    prepare(root, invocation);
    // Told when it is asked for: Spark's own version takes its classes.
    root.getCommandSpec().versionProvider(() -> new String[] {Platform.versionLine()});
    root.setOverwrittenOptionsAllowed(true);
    root.setUsageHelpLongOptionsMaxWidth(28);
    return root;
  }

  private static void prepare(CommandLine line, BaseCommand.Invocation invocation) {
    CommandSpec spec = line.getCommandSpec();
    if (line.getCommand() instanceof BaseCommand command) {
      command.invocation = invocation;
      for (OptionSpec option : List.copyOf(spec.options())) {
        spec.remove(option);
        if (command.takes(option)) {
          spec.addOption(HelpPage.withLabel(option));
        }
      }
      spec.usageMessage().sortOptions(false).abbreviateSynopsis(true);
      line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpPage::options);
    }
    Converters.register(line);
    line.getSubcommands().values().forEach(below -> prepare(below, invocation));
  }

  /** Returns {@code train --help} for {@code help train}; no help for what is no command. */
  private static String[] helpAsOption(CommandLine root, String... args) {
    if (args.length == 0 || !args[0].equals("help")) {
      return args;
    }
    boolean known = args.length == 1 || root.getSubcommands().containsKey(args[1]);
    return Stream.concat(Stream.of(args).skip(1), known ? Stream.of("--help") : Stream.of())
        .toArray(String[]::new);
  }

  /** Returns the words as the command that they name reads them. */
  private static String[] read(CommandLine root, String... args) {
    CommandLine named = args.length == 0 ? null : root.getSubcommands().get(args[0]);
    return named != null && named.getCommand() instanceof BaseCommand command
        ? command.read(List.of(args)).toArray(String[]::new)
        : args;
  }

  /** A command's own preset comes first, so that all options typed win over it. */
  private static String[] withOwnPreset(CommandLine root, String... args) {
    List<String> words = List.of(args);
    CommandLine named = words.isEmpty() ? null : root.getSubcommands().get(words.get(0));
    boolean help = words.contains("--help") || words.contains("-h");
    String preset =
        named != null && named.getCommand() instanceof BaseCommand command
            ? command.ownPreset()
            : "";
    return help || preset.isEmpty()
        ? args
        : Stream.concat(Stream.of(args[0], "@" + preset), Stream.of(args).skip(1))
            .toArray(String[]::new);
  }
}
