// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.RowHash;
import org.unroll.spark.store.NewFolder;

/**
 * Writes made-up sequences as JSON lines: {@code train.jsonl}, {@code valid.jsonl}, {@code
 * test.jsonl}, and {@code data.json} with the settings. Sequences are made one behind the other,
 * and the content of each decides which file it may go to, so that no two files have one in common.
 *
 * @param name of the kind
 * @param train sequences to learn from
 * @param valid sequences to choose by
 * @param test sequences to measure with
 */
public record GeneratedData(
    SequenceKind kind, String name, long seed, long train, long valid, long test) {
  private static final String[] SPLITS = {"train", "valid", "test"};

  /** So many sequences are made for one that is written, at most; then a kind has run dry. */
  private static final int MOST_TRIED = 200;

  private static final int LEAST_TRIED = 10_000;

  /**
   * Makes and writes all; the folder appears whole or not at all.
   *
   * @param picture whether a picture of some sequences, {@code samples.png}, is drawn too
   * @throws InputException if there are not as many different sequences
   */
  public void write(NewFolder folder, boolean picture) {
    folder.write(
        files -> {
          List<Map<String, Object>> some = writeSequences(files);
          files.write("data.json", out -> out.write(utf8(Json.line(description()) + "\n")));
          if (picture) {
            byte[] png = SampleSheet.png(kind, some);
            files.write("samples.png", out -> out.write(png));
          }
        });
  }

  /** Returns the kind and its settings, the seed and the numbers of sequences by name. */
  public Map<String, Object> description() {
    Map<String, Object> fields =
        Json.fields("kind", name, "seed", seed, "train", train, "valid", valid, "test", test);
    fields.putAll(kind.settings());
    return fields;
  }

  /** Writes the sequences and returns the first few. */
  private List<Map<String, Object>> writeSequences(NewFolder.Files files) throws IOException {
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
        Map<String, Object> sample = kind.sample(new Draws(seed, made));
        int split = split(Json.line(sample), counts);
        if (written[split] < counts[split]) {
          out[split].write(utf8(line(SPLITS[split] + "-" + written[split]++, sample)));
          all++;
          if (split == 0 && some.size() < SampleSheet.MOST) {
            some.add(sample);
          }
        }
      }
    }
    return some;
  }

  private void requireMore(long made, long total) {
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
}
