// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Numbers as people read them, the same in every language. Comments have examples. */
public final class Figures {
  private static final String[] BYTE_UNITS = {"bytes", "kB", "MB", "GB", "TB"};

  private static final Pattern ABBREVIATION =
      Pattern.compile("\\b(auc|bleu|f1|mae|mase|mse|rmse)\\b");

  private Figures() {}

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** Returns what people call a figure: macro F1 for {@code macro_f1}. */
  public static String name(String figure) {
    return ABBREVIATION
        .matcher(figure.replace('_', ' '))
        .replaceAll(found -> found.group().toUpperCase(Locale.ROOT));
  }

  /** Writes a number of things: 1,003,854. */
  public static String count(long value) {
    return format("%,d", value);
  }

  /** Writes a number with its noun: 1 shard, 2 shards. */
  public static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** Writes a rate: 31,204, or 0.52 below 10. */
  public static String rate(double value) {
    return format(value < 10 ? "%.2f" : "%,.0f", value);
  }

  /** Writes how many times as much something is: 1.31. */
  public static String ratio(double value) {
    return format("%.2f", value);
  }

  /** Writes a share of one: 47 %. */
  public static String percent(double value) {
    return format("%.0f %%", 100 * value);
  }

  /** Writes a share of one, exactly: 91.07 %. */
  public static String share(double value) {
    return format("%.2f %%", 100 * value);
  }

  /** Writes a score or an error, to four decimals or three digits: 0.9107, 2.30e-5. */
  public static String fine(double value) {
    return isTiny(value) ? significant(value) : format("%.4f", value);
  }

  private static boolean isTiny(double value) {
    return value != 0 && Math.abs(value) < 1e-3;
  }

  /** Writes nats or bits per token, to three decimals or three digits: 1.556, 2.30e-5. */
  public static String loss(double value) {
    return isTiny(value) ? significant(value) : format("%.3f", value);
  }

  /** Writes a perplexity: 4.74, 117.3, 9,871. */
  public static String perplexity(double value) {
    int decimals = value < 100 ? 2 : value < 1000 ? 1 : 0;
    return format("%,." + decimals + "f", value);
  }

  /** Writes three digits, without an exponent where that is short: 0.002, 1.5, 3.05e-7. */
  public static String significant(double value) {
    if (value == 0 || Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6) {
      return new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
    }
    return format("%.2e", value);
  }

  /** Writes three digits of each number: 0.002 1.5 –; the last is one that is missing. */
  public static String significant(float... values) {
    StringBuilder text = new StringBuilder();
    for (float value : values) {
      text.append(text.isEmpty() ? "" : " ");
      text.append(Float.isNaN(value) ? "–" : significant((double) value));
    }
    return text.toString();
  }

  /** Writes the value of an option as reports show it, with its name in files. */
  public static String setting(String name, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
    if (value instanceof Double number) {
      return significant(number);
    }
    boolean counts = value instanceof Number && !name.equals("seed");
    return counts ? count(((Number) value).longValue()) : value.toString();
  }

  /** Writes a size by powers of 1000: 23 MB. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    String format = unit == 0 || value >= 9.95 ? "%.0f %s" : "%.1f %s";
    return format(format, value, BYTE_UNITS[unit]);
  }

  /** Writes a short time: 3.05 ms. */
  public static String milliseconds(double seconds) {
    return significant(1000 * seconds) + " ms";
  }

  /** Writes a duration: 0:07, 12:40, 3:05:09. */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 3600
        ? format("%d:%02d", s / 60, s % 60)
        : format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }
}
