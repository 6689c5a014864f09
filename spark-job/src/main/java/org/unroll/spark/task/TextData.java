// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;

/**
 * The text of a language model, and how it becomes tokens. What is null of the latter was not said:
 * a prepared corpus says it, and for text there are defaults.
 *
 * @param inputs files, directories or globs, one behind the other, or a prepared corpus
 * @param valid where the validation text is, or null
 * @param validFraction without {@code valid}: the part of the input's tokens, its end, to hold out;
 *     0 for none
 * @param test where the test text is, or null
 * @param unit a tokenizer's name, or null
 * @param vocabularySize most tokens of the vocabulary, 0 for no limit; or null
 * @param minCount least occurrences of a token of the vocabulary, or null
 */
public record TextData(
    List<String> inputs,
    String valid,
    double validFraction,
    String test,
    String unit,
    Integer vocabularySize,
    Long minCount) {
  /** The same with all that was not said. */
  TextData with(String otherUnit, int otherSize, long otherCount) {
    return new TextData(
        inputs,
        valid,
        validFraction,
        test,
        unit == null ? otherUnit : unit,
        vocabularySize == null ? Integer.valueOf(otherSize) : vocabularySize,
        minCount == null ? Long.valueOf(otherCount) : minCount);
  }
}
