// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;

/**
 * The files of an input as they were found, in their order.
 *
 * @param files with what is read
 * @param targets whose lines go with those of {@code files}, one after the other; empty where rows
 *     are whole
 */
public record InputFiles(List<InputFile> files, List<InputFile> targets) {
  public InputFiles {
    files = List.copyOf(files);
    targets = List.copyOf(targets);
  }

  /**
   * Lists what an input names.
   *
   * @throws InputException if a name gives no file
   */
  public static InputFiles list(RowsInput input, Configuration conf) {
    return new InputFiles(
        InputListing.list(input.paths(), conf),
        input.targets().isEmpty() ? List.of() : InputListing.list(input.targets(), conf));
  }

  /** Returns all files, those with lines that go with others last. */
  public List<InputFile> all() {
    return Stream.of(files, targets).flatMap(List::stream).toList();
  }

  /**
   * Requires that there are as many files of either kind, of which none is empty alone.
   *
   * @throws InputException if not
   */
  public void requirePairs() {
    if (files.size() != targets.size()) {
      throw new InputException(
          "There are %s to read (the first is %s), but %s with what is to be written (%s): give as many of each."
              .formatted(
                  RowAssembler.counted(files.size(), "file"),
                  files.get(0).name(),
                  targets.size(),
                  targets.get(0).name()));
    }
    for (int f = 0; f < files.size(); f++) {
      boolean empty = files.get(f).bytes() == 0;
      if (empty != (targets.get(f).bytes() == 0)) {
        throw new InputException(
            "%s is empty, but %s is not: give files of which each line goes with the same line of the other."
                .formatted(
                    (empty ? files : targets).get(f).name(),
                    (empty ? targets : files).get(f).name()));
      }
    }
  }
}
