// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Lets what is said behind a preset win over all in it that does not go with that. The value of an
 * option wins over an earlier one by itself; here the options of a preset are left out that {@link
 * GivesWay give way} to another option behind it. What is typed is never left out, nor is an option
 * of a preset for another one of the same.
 */
final class Precedence {
  private static final String PRESET = "@";

  private final CommandLine root;
  private final List<String> command;
  private final Map<String, Object> usual = new HashMap<>();

  private Precedence(CommandLine root, List<String> command) {
    this.root = root;
    this.command = command;
    CommandLine named = root;
    for (String word : command) {
      named = named.getSubcommands().get(word);
    }
    root.parseArgs(command.toArray(String[]::new));
    named.getCommandSpec().options().forEach(o -> usual.put(o.longestName(), o.getValue()));
  }

  /**
   * A preset, or words that were typed one behind the other.
   *
   * @param words of it, which are those of the file of a preset
   * @param options that it gives
   * @param says names of options with something else than is so anyway, and name=value of all
   */
  private record Part(
      boolean preset, List<String> words, List<OptionSpec> options, Set<String> says) {}

  /**
   * The words without those options of presets that give way.
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
    if (command.isEmpty() || options.stream().noneMatch(Precedence::isPreset)) {
      return args;
    }
    try {
      return new Precedence(root, command).settled(options);
    } catch (ParameterException e) {
      // The words are read once more as a whole, which says what is wrong with them.
      return args;
    }
  }

  /** Two at signs begin a text. */
  private static boolean isPreset(String word) {
    return word.startsWith(PRESET) && word.length() > 1 && !word.startsWith(PRESET + PRESET);
  }

  private String[] settled(List<String> options) {
    List<Part> parts = parts(options);
    List<String> settled = new ArrayList<>(command);
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Set<String> behind = new HashSet<>();
      parts.subList(i + 1, parts.size()).forEach(later -> behind.addAll(later.says()));
      settled.addAll(part.preset() ? without(part, behind) : part.words());
    }
    return settled.toArray(String[]::new);
  }

  private List<Part> parts(List<String> options) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    while (from < options.size()) {
      int to = from + 1;
      boolean preset = isPreset(options.get(from));
      while (!preset && to < options.size() && !isPreset(options.get(to))) {
        to++;
      }
      parts.add(part(preset, options.subList(from, to)));
      from = to;
    }
    return parts;
  }

  private Part part(boolean preset, List<String> words) {
    ParseResult parsed =
        root.parseArgs(Stream.of(command, words).flatMap(List::stream).toArray(String[]::new));
    List<String> expanded = parsed.expandedArgs();
    ParseResult own = parsed;
    while (own.hasSubcommand()) {
      own = own.subcommand();
    }
    Set<String> says = new HashSet<>();
    for (OptionSpec option : own.matchedOptions()) {
      Object value = option.getValue();
      String name = option.longestName();
      says.add(name + "=" + (value instanceof Enum<?> e ? LowerCaseEnum.name(e) : value));
      if (!Objects.equals(value, usual.get(name))) {
        says.add(name);
      }
    }
    List<String> all = preset ? expanded.subList(command.size(), expanded.size()) : words;
    return new Part(preset, List.copyOf(all), own.matchedOptions(), says);
  }

  private static List<String> without(Part preset, Set<String> behind) {
    Map<String, OptionSpec> left = new HashMap<>();
    for (OptionSpec option : preset.options()) {
      if (givesWay(option, behind)) {
        Arrays.stream(option.names()).forEach(name -> left.put(name, option));
      }
    }
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < preset.words().size(); i++) {
      String word = preset.words().get(i);
      int equals = word.indexOf('=');
      OptionSpec option = left.get(equals < 0 ? word : word.substring(0, equals));
      if (option == null) {
        kept.add(word.startsWith(PRESET) ? PRESET + word : word);
      } else if (equals < 0 && option.arity().max() > 0) {
        i++;
      }
    }
    return kept;
  }

  private static boolean givesWay(OptionSpec option, Set<String> behind) {
    GivesWay declared =
        option.userObject() instanceof Field field ? field.getAnnotation(GivesWay.class) : null;
    return declared != null && Arrays.stream(declared.to()).anyMatch(behind::contains);
  }
}
