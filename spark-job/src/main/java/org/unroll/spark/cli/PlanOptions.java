// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.spark.lab.Link;
import org.unroll.spark.lab.Predictor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what a plan is made for. */
@OptionRule.Group("Plan")
final class PlanOptions {
  private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)([a-zA-Z]+)");

  @Option(
      names = "--executors",
      split = ",",
      defaultValue = "1,2,4,8,16,32,64,128,256,512,1024",
      paramLabel = "COUNTS",
      description =
          "Numbers of executors to predict for, of one core each; commas between several.")
  @Range(min = 1, max = 100_000)
  List<Integer> executors = new ArrayList<>();

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      converter = Bandwidth.class,
      description =
          "Of every machine's network, such as 10Gbit (default: what the processes here reach).")
  @Range(above = true)
  Double bandwidth;

  @Option(
      names = "--latency",
      paramLabel = "TIME",
      converter = Latency.class,
      description =
          "Of a message on the network, such as 0.2ms, on top of what one costs here"
              + " (default: none).")
  @Range
  Double latency;

  @Option(
      names = "--scaling",
      defaultValue = "strong",
      paramLabel = "KIND",
      description = "strong (executors share --batch) or weak (each has --batch streams).")
  Predictor.Scaling scaling;

  @Option(
      names = "--shards",
      hidden = true,
      defaultValue = "1",
      paramLabel = "SLICES",
      description = "Of presets: a plan has a shard for each executor.")
  int shards;

  /** Returns the network asked for, between machines like those measured. */
  Link network(Link measured) {
    return measured.over(
        bandwidth == null ? Double.POSITIVE_INFINITY : bandwidth, latency == null ? 0 : latency);
  }

  /** Reads bits a second, as networks are sold, as bytes a second. */
  static final class Bandwidth implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return quantity(
          value,
          Map.of("kbit", 1e3 / 8, "mbit", 1e6 / 8, "gbit", 1e9 / 8),
          "a bandwidth such as 10Gbit, 1Gbit or 100Mbit (a second)");
    }
  }

  /** Reads a time in seconds. */
  static final class Latency implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return quantity(
          value, Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0), "a time such as 0.2ms, 50us or 1s");
    }
  }

  /** Reads a number with its unit, such as {@code 10Gbit}; units are in lower case. */
  private static double quantity(String value, Map<String, Double> units, String kind) {
    Matcher matcher = QUANTITY.matcher(value);
    Double factor = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (factor == null) {
      throw new TypeConversionException("'" + value + "' is not " + kind);
    }
    return Double.parseDouble(matcher.group(1)) * factor;
  }
}
