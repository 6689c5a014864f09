// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.unroll.spark.rows.RowReader.BadRowException;

/**
 * Numbers by step, made of the values of columns. A list of numbers is a channel; a list of lists
 * has all channels of a step together; a text has numbers between blanks, commas or semicolons, or
 * names a file of NumPy; and where each column has a single number, the columns are the steps of
 * one channel.
 *
 * @param values {@code [T, D]}, the channels of a step side by side; NaN where one is missing
 * @param channels D
 */
record Frames(float[] values, int channels) {
  private static final Pattern BETWEEN = Pattern.compile("\\s*[,;]\\s*|\\s+");

  /** The ways to write that there is no value, in lower case. */
  private static final Set<String> MISSING = Set.of("", "?", "nan", "na", "null");

  /** Returns the number of steps T. */
  int steps() {
    return channels == 0 ? 0 : values.length / channels;
  }

  /**
   * Returns the numbers of the values of columns.
   *
   * @param file that they are from, by its path
   * @param names of the columns, for messages
   * @param missing whether numbers may be missing
   */
  static Frames of(String file, List<String> names, Object[] values, boolean missing)
      throws BadRowException {
    Frames frames = isSteps(values) ? steps(values) : joined(file, names, values);
    if (!missing) {
      frames.requireAll();
    }
    return frames;
  }

  private static boolean isSteps(Object[] values) {
    if (values.length < 2) {
      return false;
    }
    for (Object value : values) {
      boolean single =
          value == null
              || isNumber(value)
              || (value instanceof String text
                  && !NumpyArray.isNamed(text)
                  && !BETWEEN.matcher(text.strip()).find());
      if (!single) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  private static Frames steps(Object[] values) throws BadRowException {
    float[] samples = new float[values.length];
    for (int t = 0; t < samples.length; t++) {
      samples[t] = number(values[t], t, 0);
    }
    return new Frames(samples, 1);
  }

  /** Returns the channels of all columns side by side. */
  private static Frames joined(String file, List<String> names, Object[] values)
      throws BadRowException {
    Frames[] parts = new Frames[values.length];
    int channels = 0;
    for (int c = 0; c < parts.length; c++) {
      parts[c] = column(file, values[c], names.get(c));
      channels += parts[c].channels();
      if (parts[c].steps() != parts[0].steps()) {
        throw new BadRowException(
            "column '%s' has %s, but column '%s' has %s"
                .formatted(
                    names.get(c),
                    RowAssembler.counted(parts[c].steps(), "step"),
                    names.get(0),
                    parts[0].steps()));
      }
    }
    return parts.length == 1 ? parts[0] : interleave(parts, channels);
  }

  private static Frames interleave(Frames[] parts, int channels) {
    int steps = parts[0].steps();
    float[] all = new float[steps * channels];
    int first = 0;
    for (Frames part : parts) {
      for (int t = 0; t < steps; t++) {
        System.arraycopy(
            part.values(), t * part.channels(), all, t * channels + first, part.channels());
      }
      first += part.channels();
    }
    return new Frames(all, channels);
  }

  private static Frames column(String file, Object value, String name) throws BadRowException {
    String text = value instanceof String some ? some.strip() : null;
    return NumpyArray.isNamed(text) ? NumpyArray.read(file, text) : of(value, name);
  }

  /**
   * Returns the numbers of the value of a column that has them itself.
   *
   * @param name of the column, for messages
   */
  static Frames of(Object value, String name) throws BadRowException {
    if (value == null) {
      throw new BadRowException("it has no value in column '" + name + "'");
    }
    if (value instanceof Frames frames) {
      return frames;
    }
    if (value instanceof List<?> list) {
      return list(list, name);
    }
    if (value instanceof String[] steps) {
      return list(List.of(steps), name);
    }
    if (isNumber(value)) {
      return list(List.of(value), name);
    }
    String text = value.toString().strip();
    return list(text.isEmpty() ? List.of() : List.of(BETWEEN.split(text)), name);
  }

  private static Frames list(List<?> list, String name) throws BadRowException {
    boolean nested = !list.isEmpty() && list.get(0) instanceof List<?>;
    int channels = nested ? ((List<?>) list.get(0)).size() : 1;
    float[] values = new float[list.size() * channels];
    for (int t = 0; t < list.size(); t++) {
      List<?> frame = frame(list.get(t), nested, name, t);
      if (frame.size() != channels) {
        throw new BadRowException(
            "step %s of column '%s' has %s, but step 1 has %s"
                .formatted(t + 1, name, RowAssembler.counted(frame.size(), "number"), channels));
      }
      for (int d = 0; d < channels; d++) {
        values[t * channels + d] = number(frame.get(d), t, d);
      }
    }
    return new Frames(values, channels);
  }

  private static List<?> frame(Object step, boolean nested, String name, int t)
      throws BadRowException {
    if (step instanceof List<?> != nested) {
      throw new BadRowException(
          "step %s of column '%s' is no number or list like step 1".formatted(t + 1, name));
    }
    if (step instanceof List<?> frame) {
      return frame;
    }
    List<Object> one = new ArrayList<>(1);
    one.add(step);
    return one;
  }

  /** Checks that no number is missing. */
  void requireAll() throws BadRowException {
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        throw new BadRowException(
            "a value is missing or not a number, " + place(i / channels, i % channels));
      }
    }
  }

  /**
   * Returns a number, or NaN for a missing one.
   *
   * @param step where it stands, from 0, for the message
   * @param channel where it stands, from 0, for the message
   */
  static float number(String text, int step, int channel) throws BadRowException {
    if (text.length() <= 4 && MISSING.contains(text.toLowerCase(Locale.ROOT))) {
      return Float.NaN;
    }
    try {
      return requireFinite(Float.parseFloat(text), text, step, channel);
    } catch (NumberFormatException e) {
      throw new BadRowException(
          "'%s' is no number, %s".formatted(shorten(text), place(step, channel)));
    }
  }

  /** Returns the number of a value that a format gives as one; null is a missing one. */
  private static float number(Object value, int step, int channel) throws BadRowException {
    if (value == null) {
      return Float.NaN;
    }
    if (value instanceof Number number) {
      float rounded = number.floatValue();
      return Double.isNaN(number.doubleValue())
          ? Float.NaN
          : requireFinite(rounded, number.toString(), step, channel);
    }
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    return number(value.toString().strip(), step, channel);
  }

  private static float requireFinite(float value, String text, int step, int channel)
      throws BadRowException {
    if (Float.isInfinite(value)) {
      throw new BadRowException(
          text + " is infinite or beyond the range of floats, " + place(step, channel));
    }
    return value;
  }

  private static String place(int step, int channel) {
    return "at step " + (step + 1) + " of channel " + (channel + 1);
  }

  private static String shorten(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
