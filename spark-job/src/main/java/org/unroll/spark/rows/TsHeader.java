// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.util.Locale;
import org.unroll.rnn.io.InputException;

/**
 * What stands above {@code @data} in a file of series.
 *
 * @param channels how many there are in each row; 0 if it is not told
 * @param labelled whether rows end with a class or a target number
 */
record TsHeader(int channels, boolean labelled) {

  /**
   * Reads it from a file's first lines.
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
        "The input file "
            + name
            + " has no line @data, so it is no series file of sktime (--format ts). Name its format"
            + " with --format.");
  }

  private static int count(String[] words, String name) {
    try {
      return Integer.parseInt(words[1]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new InputException(
          "The input file " + name + " must tell a number behind " + words[0] + ".", e);
    }
  }

  private static boolean isTrue(String[] words) {
    return words.length > 1 && words[1].equalsIgnoreCase("true");
  }

  private static void requireNoTimes(String[] words, String name) {
    if (isTrue(words)) {
      throw new InputException(
          "The input file "
              + name
              + " has time stamps (@timeStamps true), which are not read. Write the series at even"
              + " steps, with ? where a value is missing.");
    }
  }
}
