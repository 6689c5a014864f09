// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.AWTError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Picture;
import org.unroll.spark.rows.RowHash;
import org.unroll.spark.store.OutputFolder;

/**
 * Writes made-up sequences as JSON lines: {@code train.jsonl}, {@code valid.jsonl}, {@code
 * test.jsonl}, and {@code data.json} with the settings. Sequences are made one behind the other,
 * and the content of each decides which file it may go to, so that no two files have one in common.
 *
 * @param name of the kind
 * @param settings of the kind by name
 * @param train sequences to learn from
 * @param valid sequences to choose by
 * @param test sequences to measure with
 */
public record GeneratedData(
    SequenceKind kind,
    String name,
    Map<String, Object> settings,
    long seed,
    long train,
    long valid,
    long test) {
  private static final String[] SPLITS = {"train", "valid", "test"};
  private static final String DESCRIPTION = "data.json";

  /** Folders that {@link #write} has written. */
  public static final OutputFolder.Kind FOLDER =
      new OutputFolder.Kind(
          "generate-data",
          "the data",
          Pattern.compile("(train|valid|test)\\.jsonl|data\\.json|samples\\.png"),
          Optional.of(DESCRIPTION));

  /** So many sequences are made for one that is written, at most; then a kind has run dry. */
  private static final int MOST_TRIED = 200;

  private static final int LEAST_TRIED = 10_000;

  /** So many sequences are drawn at most, two beside each other. */
  private static final int MOST_DRAWN = 8;

  private static final int COLUMNS = 2;
  private static final int MARGIN = 20;

  /**
   * Makes and writes all; the folder appears whole or not at all.
   *
   * @param picture whether a picture of some sequences, {@code samples.png}, is drawn too
   * @throws InputException if there are not as many different sequences
   */
  public void write(OutputFolder folder, boolean picture) {
    folder.write(
        files -> {
          List<Map<String, Object>> some = writeSequences(files);
          files.write(DESCRIPTION, out -> out.write(utf8(Json.line(description()) + "\n")));
          if (picture) {
            byte[] png = picture(some);
            files.write("samples.png", out -> out.write(png));
          }
        },
        "The folder " + folder.show() + " could not be written");
  }

  /** Returns the kind and its settings, the seed and the numbers of sequences by name. */
  public Map<String, Object> description() {
    Map<String, Object> fields =
        Json.fields("kind", name, "seed", seed, "train", train, "valid", valid, "test", test);
    fields.putAll(settings);
    fields.putAll(kind.facts());
    return fields;
  }

  /** Writes the sequences and returns the first few. */
  private List<Map<String, Object>> writeSequences(OutputFolder.Unfinished files)
      throws IOException {
    List<Map<String, Object>> some = new ArrayList<>();
    try (OutputStream toLearn = files.create(SPLITS[0] + ".jsonl");
        OutputStream toChoose = files.create(SPLITS[1] + ".jsonl");
        OutputStream toTest = files.create(SPLITS[2] + ".jsonl")) {
      OutputStream[] out = {toLearn, toChoose, toTest};
      long[] counts = {train, valid, test};
      long[] written = new long[SPLITS.length];
      long total = train + valid + test;
      for (long made = 0, all = 0; all < total; made++) {
        requireMore(made, total);
        Map<String, Object> sample = kind.sample(new SequenceKind.Draws(seed, made));
        int split = split(kind.combination(sample), counts);
        if (written[split] < counts[split]) {
          out[split].write(utf8(line(SPLITS[split] + "-" + written[split]++, sample)));
          all++;
          if (split == 0 && some.size() < MOST_DRAWN) {
            some.add(sample);
          }
        }
      }
    }
    return some;
  }

  private void requireMore(long made, long total) {
    if (Thread.interrupted()) {
      throw new CancellationException("stopped");
    }
    if (made > LEAST_TRIED + MOST_TRIED * total) {
      throw new InputException(
          "There are not enough different sequences of this kind for training, validation and test"
              + " data that share none: make them longer, or ask for fewer.");
    }
  }

  /** Returns the file that a sequence may go to, each in proportion to how many it is to have. */
  private int split(String content, long... counts) {
    double total = LongStream.of(counts).sum();
    double place = RandomBits.uniformDouble(RowHash.string(seed, content), 0) * total;
    int split = 0;
    while (split + 1 < SPLITS.length && place >= counts[split]) {
      place -= counts[split++];
    }
    return split;
  }

  private static String line(String id, Map<String, Object> sample) {
    Map<String, Object> fields = Json.fields("id", id);
    fields.putAll(sample);
    return Json.line(fields) + "\n";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Returns a picture of sequences as PNG.
   *
   * @throws InputException if this Java cannot draw
   */
  private byte[] picture(List<Map<String, Object>> samples) {
    try {
      int rows = (samples.size() + COLUMNS - 1) / COLUMNS;
      return Picture.pixels(
          COLUMNS * (SequenceKind.WIDTH + MARGIN) + MARGIN,
          rows * (SequenceKind.HEIGHT + MARGIN) + MARGIN,
          BufferedImage.TYPE_INT_RGB,
          page -> draw(samples, page));
    } catch (AWTError | InternalError | LinkageError e) {
      throw new InputException(
          "No picture can be drawn, as this Java seems to lack fonts or graphics libraries ("
              + e
              + "): leave out --picture.",
          e);
    }
  }

  private void draw(List<Map<String, Object>> samples, Graphics2D page) {
    page.setColor(Color.WHITE);
    page.fill(page.getDeviceConfiguration().getBounds());
    page.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (int i = 0; i < samples.size(); i++) {
      int x = MARGIN + i % COLUMNS * (SequenceKind.WIDTH + MARGIN);
      int y = MARGIN + i / COLUMNS * (SequenceKind.HEIGHT + MARGIN);
      Graphics2D place =
          (Graphics2D) page.create(x, y, SequenceKind.WIDTH + 1, SequenceKind.HEIGHT + 1);
      place.setColor(Color.BLACK);
      place.setStroke(new BasicStroke(1.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      kind.draw(samples.get(i), place);
      place.dispose();
    }
  }
}
