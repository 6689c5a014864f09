// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowReader.BadRowException;

/** Reads the formats that write each row into one line. Blank lines are no rows. */
final class LineRows extends RowReader.OfLines {
  private static final Pattern TAB = Pattern.compile("\t");
  private static final Pattern COLON = Pattern.compile(":");
  private static final Pattern COMMA = Pattern.compile(",");
  private static final Pattern BETWEEN_SAMPLES = Pattern.compile("\\s*,\\s*|\\s+");
  private static final ObjectReader OBJECTS =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(Map.class);

  /** Makes the values of a row of a line. */
  @FunctionalInterface
  interface LineParser {
    /**
     * Returns the values by column, or null if the line is no row.
     *
     * @throws BadRowException if it cannot be used
     */
    Object[] parse(String line) throws BadRowException;
  }

  private final boolean tabs;
  private final LineParser parser;

  /**
   * Takes over lines.
   *
   * @param tabs whether tabs part columns, so that a line of tabs alone is a row
   */
  LineRows(Lines lines, boolean tabs, LineParser parser) {
    super(lines);
    this.tabs = tabs;
    this.parser = parser;
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    while (lines.advance()) {
      if (tabs ? lines.isEmpty() : lines.isBlank()) {
        continue;
      }
      try {
        Object[] values = parser.parse(lines.text());
        if (values != null) {
          return new RawRow(lines.position(), values);
        }
      } catch (BadRowException e) {
        throw e.at(lines.position());
      }
    }
    return null;
  }

  /** Returns the values between tabs. */
  static String[] tabs(String line) {
    return TAB.split(line, -1);
  }

  /** Returns a parser of values between tabs, of which every row must have as many. */
  static LineParser tabs(int columns) {
    return line -> requireWidth(tabs(line), columns);
  }

  /** Returns fields whose number is right. */
  static String[] requireWidth(String[] fields, int columns) throws BadRowException {
    if (fields.length != columns) {
      throw new BadRowException(
          "it has %s%s, but there must be %s"
              .formatted(fields.length, (fields.length == 1 ? " column" : " columns"), columns));
    }
    return fields;
  }

  /** Returns a parser of JSON objects that takes the values of these keys. */
  static LineParser json(List<String> keys) {
    return line -> {
      Map<String, Object> object = object(line);
      return keys.stream().map(object::get).toArray();
    };
  }

  /** Returns the fields of a JSON object in their order. */
  static Map<String, Object> object(String line) throws BadRowException {
    try {
      Map<String, Object> object = OBJECTS.readValue(line);
      if (object != null) {
        return object;
      }
    } catch (JsonProcessingException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new BadRowException(
          "it is no JSON object ("
              + (reason.startsWith("Non-standard token")
                  ? "NaN and infinity are no JSON: write null for a number that is missing"
                  : reason)
              + ")");
    }
    throw new BadRowException("it is no JSON object");
  }

  /**
   * Parses a line of the UCR archive: a class, then samples of one channel. The class is often
   * written as a float: {@code 1.0000000e+00} is class 1.
   */
  static Object[] ucr(String line) throws BadRowException {
    String[] fields = BETWEEN_SAMPLES.split(line.strip());
    if (fields.length == 0) {
      throw new BadRowException("it has neither a class nor a sample");
    }
    float[] samples = new float[fields.length - 1];
    for (int t = 0; t < samples.length; t++) {
      samples[t] = Frames.number(fields[t + 1], t, 0);
    }
    return new Object[] {new Frames(samples, 1), RowAssembler.canonical(fields[0])};
  }

  /**
   * The header of a file of sktime stands above {@code @data}.
   *
   * @param channels how many there are in each row; 0 if it is not told
   * @param labelled whether rows end with a class or a target number
   */
  record TsHeader(int channels, boolean labelled) {

    /**
     * Reads the header from a file's first lines.
     *
     * @param name of the file, for messages
     */
    static TsHeader read(Lines lines, String name) throws IOException, BadRowException {
      int channels = 0;
      boolean labelled = false;
      while (lines.advance()) {
        String[] words = lines.text().strip().split("\\s+");
        switch (words[0].toLowerCase(Locale.ROOT)) {
          case "@data" -> {
            return new TsHeader(channels, labelled);
          }
          case "@dimensions", "@dimension" -> channels = count(words, name);
          case "@univariate" -> channels = isTrue(words) ? 1 : channels;
          case "@classlabel", "@targetlabel" -> labelled |= isTrue(words);
          case "@timestamps" -> requireNoTimes(words, name);
          default -> {
            // Names, comments and blank lines do not change how the data are read.
          }
        }
      }
      throw new InputException(
          ("The input file %s has no line @data, so it is no series file of sktime (--format "
                  + "ts). Name its format with --format.")
              .formatted(name));
    }

    private static int count(String[] words, String name) {
      try {
        return Integer.parseInt(words[1]);
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new InputException(
            "The input file %s must tell a number behind %s.".formatted(name, words[0]), e);
      }
    }

    private static boolean isTrue(String[] words) {
      return words.length > 1 && words[1].equalsIgnoreCase("true");
    }

    private static void requireNoTimes(String[] words, String name) {
      if (isTrue(words)) {
        throw new InputException(
            ("The input file %s has time stamps (@timeStamps true), which are not read. Write "
                    + "the series at even steps, with ? where a value is missing.")
                .formatted(name));
      }
    }
  }

  /** Returns a parser of sktime's rows: channels, and the label behind the last colon if any. */
  static LineParser ts(TsHeader header) {
    return line -> {
      if (line.startsWith("@") || line.startsWith("#")) {
        return null;
      }
      String[] parts = COLON.split(line, -1);
      int channels = parts.length - (header.labelled() ? 1 : 0);
      if (channels < 1 || (header.channels() > 0 && channels != header.channels())) {
        throw new BadRowException(
            "it has %s channels%s%s"
                .formatted(
                    channels,
                    (header.channels() > 0
                        ? ", but the file's header tells " + header.channels()
                        : ""),
                    (header.labelled()
                        ? " (what stands behind the last colon is the label)"
                        : "")));
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
            "channel %s has %s values, but channel 1 has %s"
                .formatted(d + 1, samples.length, steps));
      }
      for (int t = 0; t < steps; t++) {
        frames[t * channels.length + d] = Frames.number(samples[t].strip(), t, d);
      }
    }
    return new Frames(frames, channels.length);
  }
}
