// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number with its unit, such as {@code 10Gbit}. */
abstract class UnitConverter implements ITypeConverter<Double> {
  private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)([a-zA-Z]+)");

  private final Map<String, Double> units;
  private final String kind;

  /**
   * @param units factors by names in lower case
   * @param kind what is expected, for people
   */
  private UnitConverter(Map<String, Double> units, String kind) {
    this.units = units;
    this.kind = kind;
  }

  @Override
  public Double convert(String value) {
    Matcher matcher = QUANTITY.matcher(value);
    Double factor = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (factor == null) {
      throw new TypeConversionException("'" + value + "' is not " + kind);
    }
    return Double.parseDouble(matcher.group(1)) * factor;
  }

  /** Bits a second, as networks are sold, into bytes a second. */
  static final class Bandwidth extends UnitConverter {
    Bandwidth() {
      super(
          Map.of("kbit", 1e3 / 8, "mbit", 1e6 / 8, "gbit", 1e9 / 8),
          "a bandwidth such as 10Gbit, 1Gbit or 100Mbit (a second)");
    }
  }

  /** Into seconds. */
  static final class Latency extends UnitConverter {
    Latency() {
      super(Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0), "a time such as 0.2ms, 50us or 1s");
    }
  }
}
