// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often a training keeps its state.
 *
 * @param rounds from one checkpoint to the next, or 0
 * @param seconds from the end of one to the next, or 0
 */
public record CheckpointInterval(long rounds, long seconds) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})([smh]?)");

  /** Whether checkpoints are kept at all. */
  boolean isOn() {
    return rounds > 0 || seconds > 0;
  }

  /**
   * Reads {@code 500} (rounds), {@code 30s}, {@code 10m}, {@code 2h}; 0 is never.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static CheckpointInterval parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is neither a number of rounds nor a time such as 30s, 10m or 2h");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> new CheckpointInterval(0, number);
      case "m" -> new CheckpointInterval(0, 60 * number);
      case "h" -> new CheckpointInterval(0, 3600 * number);
      default -> new CheckpointInterval(number, 0);
    };
  }
}
