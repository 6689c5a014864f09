// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Checks all numeric options of a command against the {@link Range} beside their declaration. */
final class Ranges {
  private Ranges() {}

  /**
   * Checks the values that were parsed.
   *
   * @throws InputException naming option, value and range of the first that is outside
   */
  static void check(CommandSpec command) {
    for (OptionSpec option : command.options()) {
      Range range = range(option);
      if (range != null) {
        values(option).forEach(value -> check(option, range, value.doubleValue()));
      }
    }
  }

  /** The option's numbers: one, several where it takes a list, none where it was not given. */
  private static List<Number> values(OptionSpec option) {
    Object value = option.getValue();
    List<?> all = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    return all.stream().map(Number.class::cast).toList();
  }

  private static void check(OptionSpec option, Range range, double value) {
    if (!contains(range, value)) {
      throw new InputException(
          option.longestName() + " is " + number(value) + ", but it must be " + text(range) + ".");
    }
  }

  private static Range range(OptionSpec option) {
    return option.userObject() instanceof Field field ? field.getAnnotation(Range.class) : null;
  }

  private static boolean contains(Range range, double value) {
    boolean aboveMin = range.above() ? value > range.min() : value >= range.min();
    boolean belowMax = range.below() ? value < range.max() : value <= range.max();
    return aboveMin && belowMax && Double.isFinite(value);
  }

  private static String text(Range range) {
    List<String> parts = new ArrayList<>();
    parts.add((range.above() ? "greater than " : "at least ") + number(range.min()));
    if (range.max() < Double.POSITIVE_INFINITY) {
      parts.add((range.below() ? "less than " : "at most ") + number(range.max()));
    }
    return String.join(" and ", parts);
  }

  private static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }
}
