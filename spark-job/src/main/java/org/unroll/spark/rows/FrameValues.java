// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Numbers by step from the values of columns. A list of numbers is a channel; a list of lists has
 * all channels of a step together; a text has numbers between blanks, commas or semicolons; and
 * where each column has a single number, the columns are the steps of one channel.
 */
final class FrameValues {
  private static final Pattern BETWEEN = Pattern.compile("\\s*[,;]\\s*|\\s+");

  private FrameValues() {}

  /**
   * @param names of the columns, for messages
   * @param missing whether numbers may be missing
   */
  static Frames of(List<String> names, Object[] values, boolean missing) throws BadRowException {
    Frames frames = isSteps(values) ? steps(values) : joined(names, values);
    if (!missing) {
      requireAll(frames);
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
              || value instanceof Number
              || (value instanceof String text && !BETWEEN.matcher(text.strip()).find());
      if (!single) {
        return false;
      }
    }
    return true;
  }

  private static Frames steps(Object[] values) throws BadRowException {
    float[] samples = new float[values.length];
    for (int t = 0; t < samples.length; t++) {
      samples[t] = Numbers.of(values[t], t, 0);
    }
    return new Frames(samples, 1);
  }

  /** The channels of all columns side by side. */
  private static Frames joined(List<String> names, Object[] values) throws BadRowException {
    Frames[] parts = new Frames[values.length];
    int channels = 0;
    for (int c = 0; c < parts.length; c++) {
      parts[c] = column(values[c], names.get(c));
      channels += parts[c].channels();
      if (parts[c].steps() != parts[0].steps()) {
        throw new BadRowException(
            "column '"
                + names.get(c)
                + "' has "
                + parts[c].steps()
                + " steps, but column '"
                + names.get(0)
                + "' has "
                + parts[0].steps());
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

  private static Frames column(Object value, String name) throws BadRowException {
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
            "step "
                + (t + 1)
                + " of column '"
                + name
                + "' has "
                + frame.size()
                + " numbers, but step 1 has "
                + channels);
      }
      for (int d = 0; d < channels; d++) {
        values[t * channels + d] = Numbers.of(frame.get(d), t, d);
      }
    }
    return new Frames(values, channels);
  }

  private static List<?> frame(Object step, boolean nested, String name, int t)
      throws BadRowException {
    if (step instanceof List<?> != nested) {
      throw new BadRowException(
          "step " + (t + 1) + " of column '" + name + "' is no number or list like step 1");
    }
    if (step instanceof List<?> frame) {
      return frame;
    }
    List<Object> one = new ArrayList<>(1);
    one.add(step);
    return one;
  }

  private static void requireAll(Frames frames) throws BadRowException {
    float[] values = frames.values();
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        throw new BadRowException(
            "a value is missing or not a number, "
                + Numbers.place(i / frames.channels(), i % frames.channels()));
      }
    }
  }
}
