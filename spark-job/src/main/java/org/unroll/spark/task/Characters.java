// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;

/** Words as their characters. */
final class Characters {
  private Characters() {}

  /** The code points of a word, as texts. */
  static List<String> of(String word) {
    List<String> characters = new ArrayList<>(word.length());
    word.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }
}
