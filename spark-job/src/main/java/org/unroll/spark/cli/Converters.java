// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.task.TrainRequest.CheckpointInterval;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * Texts on the command line become the values of options here, with messages that say what is
 * expected. Constants are typed in lower case.
 */
final class Converters {
  private Converters() {}

  /** Gives a command the converters of all its options. */
  static void register(CommandLine command) {
    ITypeConverter<Integer> ints =
        number(Integer::valueOf, "a whole number up to " + Integer.MAX_VALUE);
    ITypeConverter<Long> longs = number(Long::valueOf, "a whole number");
    ITypeConverter<Double> doubles = number(Double::valueOf, "a number");
    command
        .registerConverter(int.class, ints)
        .registerConverter(Integer.class, ints)
        .registerConverter(long.class, longs)
        .registerConverter(Long.class, longs)
        .registerConverter(double.class, doubles)
        .registerConverter(Double.class, doubles)
        .registerConverter(CheckpointInterval.class, parsed(CheckpointInterval::parse))
        .registerConverter(HoldOut.class, parsed(HoldOut::parse));
    for (OptionSpec option : command.getCommandSpec().options()) {
      Stream.of(option.auxiliaryTypes())
          .filter(Class::isEnum)
          .forEach(type -> registerConstants(command, type));
    }
  }

  private static <T> void registerConstants(CommandLine command, Class<T> type) {
    command.registerConverter(type, text -> constant(type.getEnumConstants(), text));
  }

  private static <T> T constant(T[] constants, String text) {
    for (T constant : constants) {
      if (name((Enum<?>) constant).equalsIgnoreCase(text)) {
        return constant;
      }
    }
    List<String> names = Stream.of(constants).map(c -> name((Enum<?>) c)).toList();
    String hint = Nearest.hint("; ", text, names).orElse("");
    throw new TypeConversionException(
        "'" + text + "' is not one of " + String.join(", ", names) + hint);
  }

  /** Returns a constant as it is typed. */
  static String name(Enum<?> constant) {
    return Json.word(constant);
  }

  /** Returns a value as it is typed; empty for none. */
  static String text(Object value) {
    if (value instanceof Collection<?> list) {
      return list.stream().map(Object::toString).collect(joining(","));
    }
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return Long.toString(number.longValue());
    }
    return value instanceof Enum<?> constant ? name(constant) : Objects.toString(value, "");
  }

  private static <T> ITypeConverter<T> parsed(Function<String, T> parse) {
    return value -> {
      try {
        return parse.apply(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static <T> ITypeConverter<T> number(Function<String, T> parse, String kind) {
    return value -> {
      try {
        return parse.apply(value);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + value + "' is not " + kind);
      }
    };
  }
}
