// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Parsers of the formats whose rows are a series and its class: columns {@code features, label}.
 */
final class SeriesParsers {
  private static final Pattern BETWEEN = Pattern.compile("\\s*,\\s*|\\s+");
  private static final Pattern COLON = Pattern.compile(":");
  private static final Pattern COMMA = Pattern.compile(",");

  private SeriesParsers() {}

  /**
   * UCR: a class, then samples of one channel. The class is often written as a float: {@code
   * 1.0000000e+00} is class 1.
   */
  static Object[] ucr(String line) throws BadRowException {
    String[] fields = BETWEEN.split(line.strip());
    float[] samples = new float[fields.length - 1];
    for (int t = 0; t < samples.length; t++) {
      samples[t] = Numbers.parse(fields[t + 1], t, 0);
    }
    return new Object[] {new Frames(samples, 1), Numbers.canonical(fields[0])};
  }

  /** sktime: channels, and the label behind the last colon if there is one. */
  static LineParser ts(TsHeader header) {
    return line -> {
      if (line.isBlank() || line.startsWith("@") || line.startsWith("#")) {
        return null;
      }
      String[] parts = COLON.split(line, -1);
      int channels = parts.length - (header.labelled() ? 1 : 0);
      if (channels < 1 || (header.channels() > 0 && channels != header.channels())) {
        throw new BadRowException(
            "it has "
                + channels
                + " channels"
                + (header.channels() > 0
                    ? ", but the file's header tells " + header.channels()
                    : "")
                + (header.labelled() ? " (what stands behind the last colon is the label)" : ""));
      }
      String label = header.labelled() ? parts[channels].strip() : null;
      return new Object[] {frames(Arrays.copyOf(parts, channels)), label};
    };
  }

  private static Frames frames(String[] channels) throws BadRowException {
    float[] frames = null;
    int steps = 0;
    for (int d = 0; d < channels.length; d++) {
      String[] samples = channels[d].isBlank() ? new String[0] : COMMA.split(channels[d], -1);
      if (d == 0) {
        steps = samples.length;
        frames = new float[steps * channels.length];
      }
      if (samples.length != steps) {
        throw new BadRowException(
            "channel "
                + (d + 1)
                + " has "
                + samples.length
                + " values, but channel 1 has "
                + steps);
      }
      for (int t = 0; t < steps; t++) {
        frames[t * channels.length + d] = Numbers.parse(samples[t].strip(), t, d);
      }
    }
    return new Frames(frames, channels.length);
  }
}
