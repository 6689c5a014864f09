// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.List;
import org.unroll.spark.report.Terminal;

/**
 * One call of the command line.
 *
 * @param terminal where it writes
 * @param presets where it finds preset files and samples
 * @param words as they were typed
 */
record Invocation(Terminal terminal, Presets presets, List<String> words) {

  Invocation {
    words = List.copyOf(words);
  }

  /** What to type in a shell to do the same again. */
  String command() {
    return "scripts/unroll " + words.stream().map(Invocation::quoted).collect(joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
