// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads and shows enum constants the way options are typed: in lower case. */
final class LowerCaseEnum<E extends Enum<E>> implements ITypeConverter<E> {
  private final Class<E> type;

  private LowerCaseEnum(Class<E> type) {
    this.type = type;
  }

  static <E extends Enum<E>> void register(CommandLine commandLine, Class<E> type) {
    commandLine.registerConverter(type, new LowerCaseEnum<>(type));
  }

  /** How a constant is typed. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public E convert(String value) {
    E[] constants = type.getEnumConstants();
    for (E constant : constants) {
      if (name(constant).equalsIgnoreCase(value)) {
        return constant;
      }
    }
    List<String> names = Arrays.stream(constants).map(LowerCaseEnum::name).toList();
    String hint = Nearest.to(value, names).map(n -> "; did you mean " + n + "?").orElse("");
    throw new TypeConversionException(
        "'" + value + "' is not one of " + String.join(", ", names) + hint);
  }
}
