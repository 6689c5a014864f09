// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.toMap;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.OptionRules.Said;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Preset files such as {@code @conf/ptb-small.args} stand for the options in them. They are looked
 * for beside the caller first and then in the project's own folder, as samples are, and what is
 * said behind one wins over all in it that does not go with that.
 *
 * @param home the folder of the project, which scripts/unroll exports as UNROLL_HOME; null where it
 *     is unknown
 */
record Presets(Path workingDirectory, Path home) {
  private static final String MARK = "@";
  private static final String SUFFIX = ".args";

  static Presets ofProcess() {
    String home = System.getenv("UNROLL_HOME");
    return new Presets(Path.of("").toAbsolutePath(), home == null ? null : Path.of(home));
  }

  /**
   * Returns the file of this name, beside the caller or else in the project's folder.
   *
   * @throws InputException saying where it was looked for
   */
  Path find(String name) {
    return look(name).orElseThrow(() -> missing(name, ""));
  }

  private Optional<Path> look(String name) {
    return Stream.of(workingDirectory, home)
        .filter(Objects::nonNull)
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /**
   * Returns what a preset gives a command, by the names of the options; nothing if it is not found.
   */
  Map<String, String> values(String command, String preset) {
    return look(preset).stream()
        .map(file -> Cli.root(null).parseArgs(command, MARK + file).subcommand())
        .flatMap(parsed -> parsed.matchedOptions().stream())
        .collect(toMap(OptionSpec::longestName, o -> String.join(",", o.stringValues())));
  }

  private InputException missing(String name, String advice) {
    String places =
        home == null || home.equals(workingDirectory)
            ? "in " + workingDirectory
            : "in " + workingDirectory + " or in " + home;
    String where =
        home == null ? "; set UNROLL_HOME to the project's folder, or name the whole path" : "";
    return new InputException("There is no file " + name + " " + places + where + "." + advice);
  }

  /**
   * Returns the words with {@code @file} replaced by the whole path of the file; {@code @@} begins
   * a text instead.
   */
  String[] resolve(String... args) {
    return Arrays.stream(args).map(this::resolve).toArray(String[]::new);
  }

  private String resolve(String arg) {
    if (!arg.startsWith(MARK) || arg.startsWith(MARK + MARK)) {
      return arg;
    }
    String name = arg.substring(1);
    return "@" + look(name).orElseThrow(() -> missing(name, others(name)));
  }

  private String others(String name) {
    if (!name.endsWith(SUFFIX)) {
      return " A word that begins with @ names a preset file; text that does is typed with @@.";
    }
    String[] files = (home == null ? workingDirectory : home).resolve("conf").toFile().list();
    List<String> presets =
        Stream.of(files == null ? new String[0] : files)
            .filter(file -> file.endsWith(SUFFIX))
            .map(file -> "conf/" + file)
            .sorted()
            .toList();
    if (presets.isEmpty()) {
      return "";
    }
    return Nearest.to(name, presets)
        .map(preset -> " Did you mean @" + preset + "?")
        .orElse(" There are @" + String.join(", @", presets) + ".");
  }

  /**
   * Returns the words without those options of presets that {@link Said#givesWay give way} to
   * another option behind them. The value of an option wins over an earlier one by itself. What is
   * typed is never left out, nor is an option of a preset for another one of the same.
   *
   * @param args a command and its options, in which presets are whole paths
   */
  static String[] settle(CommandLine root, String... args) {
    List<String> command = new ArrayList<>();
    CommandLine named = root;
    for (String word : args) {
      named = named.getSubcommands().get(word);
      if (named == null) {
        break;
      }
      command.add(word);
    }
    List<String> options = Arrays.asList(args).subList(command.size(), args.length);
    if (command.isEmpty() || options.stream().noneMatch(Presets::isPreset)) {
      return args;
    }
    try {
      List<String> settled = new ArrayList<>(command);
      for (int i = 0; i < options.size(); i++) {
        if (isPreset(options.get(i))) {
          List<Said> behind = said(parse(root, command, options.subList(i + 1, options.size())));
          ParseResult preset = parse(root, command, options.subList(i, i + 1));
          List<String> words = preset.expandedArgs();
          settled.addAll(
              without(behind, said(preset), words.subList(command.size(), words.size())));
        } else {
          settled.add(options.get(i));
        }
      }
      return settled.toArray(String[]::new);
    } catch (ParameterException e) {
      // The words are read once more as a whole, which says what is wrong with them.
      return args;
    }
  }

  /** Two at signs begin a text. */
  private static boolean isPreset(String word) {
    return word.startsWith(MARK) && word.length() > 1 && !word.startsWith(MARK + MARK);
  }

  private static ParseResult parse(CommandLine root, List<String> command, List<String> options) {
    return root.parseArgs(Stream.of(command, options).flatMap(List::stream).toArray(String[]::new));
  }

  private static List<Said> said(ParseResult parsed) {
    List<CommandLine> lines = parsed.asCommandLineList();
    return lines.get(lines.size() - 1).getParseResult().matchedOptions().stream()
        .map(option -> new Said(option, option.getValue()))
        .toList();
  }

  /** Returns the words of a preset without its options that give way to one behind it. */
  private static List<String> without(List<Said> behind, List<Said> preset, List<String> words) {
    Map<String, OptionSpec> left = new HashMap<>();
    preset.stream()
        .filter(one -> behind.stream().anyMatch(one::givesWay))
        .map(Said::option)
        .forEach(option -> Stream.of(option.names()).forEach(name -> left.put(name, option)));
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      int equals = word.indexOf('=');
      OptionSpec option = left.get(equals < 0 ? word : word.substring(0, equals));
      if (option == null) {
        kept.add(word.startsWith(MARK) ? MARK + word : word);
      } else if (equals < 0 && option.arity().max() > 0) {
        i++;
      }
    }
    return kept;
  }
}
