// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.List;
import org.unroll.rnn.io.InputException;

/** The one format of several files. */
final class InputFormats {
  private InputFormats() {}

  /**
   * The format that was named, or else the one that all names tell.
   *
   * @throws InputException if they tell none, or more than one
   */
  static SequenceFormat of(RowsInput spec, List<InputFile> files) {
    if (spec.format() != null) {
      return spec.format();
    }
    SequenceFormat first = guess(files.get(0));
    for (InputFile file : files) {
      SequenceFormat other = guess(file);
      if (other != first) {
        throw new InputException(
            "The input has files of different formats: "
                + files.get(0).name()
                + " is "
                + first.word()
                + " by its name, "
                + file.name()
                + " is "
                + other.word()
                + ". Read them apart, or name the format of all with --format.");
      }
    }
    return first;
  }

  private static SequenceFormat guess(InputFile file) {
    return SequenceFormat.guess(file.name())
        .orElseThrow(
            () ->
                new InputException(
                    "The name of the input file "
                        + file.name()
                        + " does not tell its format. Name it with --format text, tsv, csv, jsonl,"
                        + " parquet, conll, conllu, ts or ucr."));
  }
}
