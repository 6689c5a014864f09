// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.train.RoundTimes;

/** The times of rounds as they are shown everywhere, by the same names. */
public final class RoundFigures {
  /** The parts that are enough to see what to do. */
  private static final int SHOWN = 3;

  private RoundFigures() {}

  /**
   * Returns milliseconds by name, {@code round_ms}, {@code compute_ms} and so on, and {@code
   * slowest_shard}, for JSON.
   */
  public static Map<String, Number> of(RoundTimes times) {
    Map<String, Number> figures = new LinkedHashMap<>();
    figures.put("round_ms", 1000 * times.seconds());
    times.parts().forEach((part, seconds) -> figures.put(part + "_ms", 1000 * seconds));
    figures.put("slowest_shard", times.slowestShard());
    return figures;
  }

  /** Returns, for people, each part with its share of the round. */
  public static Map<String, String> table(RoundTimes times) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("round", Figures.milliseconds(times.seconds()));
    times.parts().forEach((part, seconds) -> rows.put(part, share(seconds, times)));
    if (times.slowestShard() > 0) {
      rows.put(
          "slowest shard",
          "shard " + times.slowestShard() + ", " + Figures.milliseconds(times.slowestSeconds()));
    }
    return rows;
  }

  private static String share(double seconds, RoundTimes times) {
    return Figures.milliseconds(seconds) + ", " + Figures.percent(seconds / times.seconds());
  }

  /**
   * Returns the largest parts in percent of the whole, largest first, as many as fit into {@code
   * width} columns: {@code compute 91% wire 6% wait 2%}; empty if none does.
   *
   * @param parts by name, in any unit
   */
  static String shares(Map<String, Double> parts, int width) {
    double whole = parts.values().stream().mapToDouble(Double::doubleValue).sum();
    List<String> largest =
        parts.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .filter(part -> Math.round(100 * part.getValue() / whole) > 0)
            .limit(SHOWN)
            .map(part -> part.getKey() + " " + Math.round(100 * part.getValue() / whole) + "%")
            .toList();
    return IntStream.iterate(largest.size(), shown -> shown > 0, shown -> shown - 1)
        .mapToObj(shown -> String.join(" ", largest.subList(0, shown)))
        .filter(line -> line.length() <= width)
        .findFirst()
        .orElse("");
  }
}
