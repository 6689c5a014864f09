// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.List;

/**
 * The text of a language model, and how it becomes tokens.
 *
 * @param inputs files, directories or globs, one behind the other
 * @param valid where the validation text is, or null
 * @param validFraction without {@code valid}: the part of the input's tokens, its end, to hold out;
 *     0 for none
 * @param test where the test text is, or null
 * @param unit a tokenizer's name
 * @param vocabularySize most tokens of the vocabulary, 0 for no limit
 * @param minCount least occurrences of a token of the vocabulary
 */
public record TextData(
    List<String> inputs,
    String valid,
    double validFraction,
    String test,
    String unit,
    int vocabularySize,
    long minCount) {}
