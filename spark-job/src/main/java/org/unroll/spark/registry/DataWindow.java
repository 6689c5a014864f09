// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.InputFile;

/**
 * A window says which of the files that are there a run learns from. The day of a file is that of
 * its partition, as in {@code day=2026-11-28}; without one it is the day on which the file was last
 * changed.
 *
 * @param all whether every file is learnt
 * @param length so many days before today are learnt; null where that is not asked for
 * @param since files of this day and later ones are learnt; null where that is not asked for
 */
public record DataWindow(boolean all, Duration length, LocalDate since) {
  /** The window of a run that learns what no run before it has seen, and that alone. */
  public static final DataWindow UNSEEN = new DataWindow(false, null, null);

  private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,4})([dw])");
  private static final Pattern DAY =
      Pattern.compile("/[A-Za-z_][A-Za-z0-9_]*=(\\d{4}-\\d{2}-\\d{2})(?=/)");
  private static final Pattern PARTS =
      Pattern.compile("/year=(\\d{4})/month=(\\d{1,2})/day=(\\d{1,2})(?=/)");
  private static final int WEEK = 7;

  /** Returns whether a word is a length of days, such as {@code 30d} or {@code 4w}. */
  public static boolean isLength(String word) {
    return LENGTH.matcher(word).matches();
  }

  /**
   * Returns the length that a text tells.
   *
   * @throws InputException if it tells none
   */
  public static Duration length(String text) {
    Matcher length = LENGTH.matcher(text);
    if (!length.matches()) {
      throw new InputException(
          "--window %s is no length: give days or weeks, as in 30d or 4w.".formatted(text));
    }
    long number = Long.parseLong(length.group(1));
    return Duration.ofDays(length.group(2).equals("w") ? WEEK * number : number);
  }

  /** Returns whether only what was never seen is learnt. */
  public boolean onlyUnseen() {
    return !all && length == null && since == null;
  }

  /**
   * Returns the files of the window, in their order; of one that takes only what was never seen,
   * all.
   */
  List<InputFile> choose(List<InputFile> files, Instant now) {
    if (all || onlyUnseen()) {
      return files;
    }
    LocalDate first =
        since != null ? since : now.minus(length).atZone(ZoneOffset.UTC).toLocalDate();
    return files.stream()
        .filter(file -> !day(file.path(), file.modified()).isBefore(first))
        .toList();
  }

  /** Returns the day of a file. */
  static LocalDate day(String path, long modified) {
    LocalDate day = partition(path);
    return day != null ? day : Instant.ofEpochMilli(modified).atZone(ZoneOffset.UTC).toLocalDate();
  }

  /** Returns the day of the partition that a path names; null if it names none. */
  static LocalDate partition(String path) {
    Matcher parts = PARTS.matcher(path);
    Matcher day = DAY.matcher(path);
    try {
      if (parts.find()) {
        return LocalDate.of(
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)),
            Integer.parseInt(parts.group(3)));
      }
      return day.find() ? LocalDate.parse(day.group(1)) : null;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
