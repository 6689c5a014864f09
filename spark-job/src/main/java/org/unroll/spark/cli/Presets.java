// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

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
    Map<String, String> values = new HashMap<>();
    look(preset)
        .map(file -> Cli.root(null).parseArgs(command, MARK + file).subcommand().matchedOptions())
        .ifPresent(
            all ->
                all.forEach(o -> values.put(o.longestName(), String.join(",", o.stringValues()))));
    return values;
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
    List<String> presets = available();
    if (presets.isEmpty()) {
      return "";
    }
    return Nearest.to(name, presets)
        .map(preset -> " Did you mean @" + preset + "?")
        .orElse(" There are @" + String.join(", @", presets) + ".");
  }

  private List<String> available() {
    String[] files = (home == null ? workingDirectory : home).resolve("conf").toFile().list();
    return Stream.of(files == null ? new String[0] : files)
        .filter(file -> file.endsWith(SUFFIX))
        .map(file -> "conf/" + file)
        .sorted()
        .toList();
  }

  /**
   * An argument file, or words that were typed one behind the other.
   *
   * @param words of it, which are those of the file of a preset
   * @param said the options that it gives
   */
  private record Part(boolean preset, List<String> words, List<Said> said) {}

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
      List<Part> parts = parts(root, command, options);
      List<String> settled = new ArrayList<>(command);
      for (int i = 0; i < parts.size(); i++) {
        Part part = parts.get(i);
        List<Said> behind =
            parts.subList(i + 1, parts.size()).stream().flatMap(p -> p.said().stream()).toList();
        settled.addAll(part.preset() ? without(part, behind) : part.words());
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

  private static List<Part> parts(CommandLine root, List<String> command, List<String> options) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    while (from < options.size()) {
      int to = from + 1;
      boolean preset = isPreset(options.get(from));
      while (!preset && to < options.size() && !isPreset(options.get(to))) {
        to++;
      }
      parts.add(part(root, command, preset, options.subList(from, to)));
      from = to;
    }
    return parts;
  }

  private static Part part(
      CommandLine root, List<String> command, boolean preset, List<String> words) {
    ParseResult parsed =
        root.parseArgs(Stream.of(command, words).flatMap(List::stream).toArray(String[]::new));
    List<CommandLine> lines = parsed.asCommandLineList();
    List<Said> said =
        lines.get(lines.size() - 1).getParseResult().matchedOptions().stream()
            .map(option -> new Said(option, option.getValue()))
            .toList();
    List<String> expanded = parsed.expandedArgs();
    return new Part(
        preset,
        List.copyOf(preset ? expanded.subList(command.size(), expanded.size()) : words),
        said);
  }

  private static List<String> without(Part preset, List<Said> behind) {
    Map<String, OptionSpec> left = new HashMap<>();
    for (Said one : preset.said()) {
      if (behind.stream().anyMatch(one::givesWay)) {
        Arrays.stream(one.option().names()).forEach(name -> left.put(name, one.option()));
      }
    }
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < preset.words().size(); i++) {
      String word = preset.words().get(i);
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
