// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of a command once they are parsed, with what their declarations say of them in {@link
 * Range} and {@link OptionRule}: this class refuses what is out of range, what says nothing to a
 * task, and what contradicts something else, and it lists the settings of a training.
 *
 * @param command whose values are read whenever one is asked for
 */
record OptionRules(CommandSpec command) {
  /**
   * Checks that something was given.
   *
   * @param value that an option or a parameter has: null, or an empty list, where it was not given
   * @throws InputException with the message if not
   */
  static void require(Object value, String message) {
    if (value == null || value instanceof List<?> list && list.isEmpty()) {
      throw new InputException(message);
    }
  }

  /**
   * Checks all that does not depend on a task: ranges, and options that do not go together.
   *
   * @throws InputException naming the options with their values, and what to do
   */
  void check() {
    command.options().forEach(OptionRules::checkRange);
    List<Said> all = all();
    all.forEach(one -> all.forEach(other -> checkPair(one, other)));
    all.forEach(one -> checkNeeds(one, all));
  }

  private static void checkRange(OptionSpec option) {
    Range range = declared(option, Range.class);
    Object value = option.getValue();
    if (range == null || value == null) {
      return;
    }
    for (Object one : value instanceof List<?> list ? list : List.of(value)) {
      double number = ((Number) one).doubleValue();
      if (!contains(range, number)) {
        throw new InputException(
            "%s is %s, but it must be %s."
                .formatted(option.longestName(), Converters.text(number), text(range)));
      }
    }
  }

  private static boolean contains(Range range, double value) {
    boolean aboveMin = range.above() ? value > range.min() : value >= range.min();
    boolean belowMax = range.below() ? value < range.max() : value <= range.max();
    return aboveMin && belowMax && Double.isFinite(value);
  }

  private static String text(Range range) {
    String least = (range.above() ? "greater than " : "at least ") + Converters.text(range.min());
    return range.max() == Double.POSITIVE_INFINITY
        ? least
        : least
            + (range.below() ? " and less than " : " and at most ")
            + Converters.text(range.max());
  }

  private static void checkPair(Said one, Said other) {
    if (one.excludes(other)) {
      throw new InputException(
          one + " and " + other + " " + one.rule().why() + ": leave one of them out.");
    }
  }

  private static void checkNeeds(Said one, List<Said> all) {
    if (!one.lacks(all)) {
      return;
    }
    List<String> needs = List.of(one.rule().needs());
    String words = String.join(" or ", needs).replace('=', ' ');
    // Where it is one option that has another value, that is told.
    Said other =
        all.stream()
            .filter(said -> needs.get(0).startsWith(said.name() + "="))
            .findFirst()
            .orElse(null);
    throw new InputException(
        other == null
            ? "%s is for %s: leave it out, or give %s."
                .formatted(one, words, needs.size() == 1 ? "both" : "one of them as well")
            : "%s is for %s, but %s%s: leave it out, or give %s."
                .formatted(
                    one,
                    words,
                    other.name(),
                    other.value() == null ? " is not given" : " is " + other.text(),
                    words));
  }

  /**
   * Refuses options that say nothing to the task that was asked for.
   *
   * @throws InputException naming the first of them and the tasks that it is for
   */
  void checkTask(TaskName task) {
    for (OptionSpec option : given()) {
      if (!isFor(option, task)) {
        throw new InputException(
            "%s does not go with --task %s: leave it out, or name a task that it is for (%s)."
                .formatted(
                    option.longestName(),
                    Converters.name(task),
                    tasks(option).stream().map(Converters::name).collect(joining(", "))));
      }
    }
  }

  /**
   * Refuses options that say nothing to a model.
   *
   * @param task what the model does, as its folder names it
   * @param all classes of options that the command takes for every task
   */
  void checkModel(String task, Class<?>... all) {
    Set<Class<?>> open = Set.of(all);
    for (OptionSpec option : given()) {
      if (option.userObject() instanceof Field field && open.contains(field.getDeclaringClass())) {
        continue;
      }
      if (tasks(option).stream().map(Converters::name).noneMatch(task::equals)) {
        throw new InputException(
            option.longestName() + " says nothing to a model of task " + task + ": leave it out.");
      }
    }
  }

  /**
   * Returns the values that decide the result of a training, by the options' names with underscores
   * and in the order of their declaration. Options are left out that say nothing to the task or
   * beside the others, as a momentum to Adam, and those that were not given and have no default.
   *
   * @param task what is learnt, or null for a command without tasks
   */
  Map<String, Object> settings(TaskName task) {
    Map<String, Object> settings = new LinkedHashMap<>();
    List<Said> all = all();
    for (Said one : all) {
      boolean applies = one.isSetting() && (task == null || isFor(one.option(), task));
      if (applies && one.value() != null && one.matters(all)) {
        settings.put(one.name().replaceFirst("^--", "").replace('-', '_'), one.plain());
      }
    }
    return settings;
  }

  private List<Said> all() {
    return command.options().stream().map(o -> new Said(o, o.getValue())).toList();
  }

  /** Returns the options that stand on the command line, whatever their values. */
  private List<OptionSpec> given() {
    return command.commandLine().getParseResult().matchedOptions().stream()
        .filter(option -> !option.originalStringValues().isEmpty() || option.arity().max() == 0)
        .toList();
  }

  /** Returns whether an option says something to a task. */
  static boolean isFor(OptionSpec option, TaskName task) {
    return tasks(option).contains(task);
  }

  /**
   * Returns the value, as it is typed, that an option has where nobody gives it; empty for none.
   */
  static String usual(OptionSpec option) {
    return option.defaultValue() != null
        ? option.defaultValue()
        : Converters.text(option.initialValue());
  }

  /** Returns the tasks of an option. */
  private static Set<TaskName> tasks(OptionSpec option) {
    OptionRule rule = declared(option, OptionRule.class);
    OptionRule.Group group = group(option);
    boolean named = rule != null && rule.tasks().length > 0;
    TaskName[] only = named ? rule.tasks() : group == null ? new TaskName[0] : group.tasks();
    Set<TaskName> tasks =
        only.length == 0 ? EnumSet.allOf(TaskName.class) : EnumSet.copyOf(List.of(only));
    if (rule != null) {
      tasks.removeAll(List.of(rule.notTasks()));
    }
    return tasks;
  }

  /**
   * Returns what the class that declares an option says of all of its options; null for nothing.
   */
  static OptionRule.Group group(OptionSpec option) {
    return option.userObject() instanceof Field field
        ? field.getDeclaringClass().getAnnotation(OptionRule.Group.class)
        : null;
  }

  private static <A extends Annotation> A declared(OptionSpec option, Class<A> type) {
    return option.userObject() instanceof Field field ? field.getAnnotation(type) : null;
  }

  /**
   * An option with a value.
   *
   * @param value as it was parsed, or as a text; null for none
   */
  record Said(OptionSpec option, Object value) {
    String name() {
      return option.longestName();
    }

    OptionRule rule() {
      return declared(option, OptionRule.class);
    }

    /** Returns whether the value is what would be so without the option. */
    boolean isUsual() {
      return same(text(), usual(option));
    }

    /**
     * Returns whether an option of a preset gives way to one behind it: the two do not go together,
     * and would without this one.
     */
    boolean givesWay(Said behind) {
      return contradicts(behind) && !new Said(option, usual(option)).contradicts(behind);
    }

    private boolean contradicts(Said other) {
      return excludes(other)
          || other.excludes(this)
          || lacks(List.of(other))
          || other.lacks(List.of(this));
    }

    /** Returns whether this declares that it does not go with the other, and both say something. */
    boolean excludes(Said other) {
      return rule() != null && !isUsual() && Stream.of(rule().notWith()).anyMatch(other::is);
    }

    /** Returns whether this needs something of which there is nothing, though it could be. */
    boolean lacks(List<Said> others) {
      return needs()
          && !isUsual()
          && Stream.of(rule().needs())
              .allMatch(named -> others.stream().anyMatch(other -> other.isNamed(named)))
          && Stream.of(rule().needs()).noneMatch(named -> anyIs(others, named));
    }

    /** Returns whether this, with its value, needs anything. */
    private boolean needs() {
      return rule() != null
          && rule().needs().length > 0
          && (rule().when().isEmpty() || same(text(), rule().when()));
    }

    private boolean isNamed(String named) {
      return named.split("=", 2)[0].equals(name());
    }

    /** Returns whether this is the option, or option and value, that a rule names. */
    private boolean is(String named) {
      String[] parts = named.split("=", 2);
      return isNamed(named) && (parts.length == 1 ? !isUsual() : same(text(), parts[1]));
    }

    boolean isSetting() {
      OptionRule.Group group = group(option);
      return rule() != null && rule().setting().length > 0
          ? rule().setting()[0]
          : group == null || group.settings();
    }

    /** Returns whether the value has an effect beside all others. */
    boolean matters(List<Said> all) {
      if (rule() == null) {
        return true;
      }
      boolean isAboutIt =
          !needs()
              || !rule().when().isEmpty()
              || Stream.of(rule().needs()).anyMatch(named -> anyIs(all, named));
      return isAboutIt && Stream.of(rule().notWith()).noneMatch(named -> anyIs(all, named));
    }

    private static boolean anyIs(List<Said> all, String named) {
      return all.stream().anyMatch(other -> other.is(named));
    }

    /** Returns the value as files keep it. */
    Object plain() {
      boolean isPlain = value instanceof Number || value instanceof Boolean;
      return isPlain ? value : text();
    }

    String text() {
      return Converters.text(value);
    }

    private static boolean same(String one, String other) {
      try {
        return one.equals(other) || Double.parseDouble(one) == Double.parseDouble(other);
      } catch (NumberFormatException e) {
        return false;
      }
    }

    /** Returns the option as it is typed. */
    @Override
    public String toString() {
      return option.arity().max() == 0 ? name() : name() + " " + text();
    }
  }
}
