// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.embed.WordVectors;

/**
 * The result of learning word vectors.
 *
 * @param vectors of all words of the vocabulary
 * @param words of the text that have a vector, counted once
 * @param epochs passes over them
 * @param workers how many tasks worked
 * @param seconds from the known vocabulary to the last vector
 * @param loss of the last epoch, nats a pair; NaN where the method does not tell
 * @param hash of the text
 * @param vocabularySize the most words, 0 for no limit
 * @param minCount least occurrences of a word
 */
public record EmbedResult(
    WordVectors vectors,
    long words,
    int epochs,
    int workers,
    double seconds,
    double loss,
    String hash,
    int vocabularySize,
    long minCount) {

  /** Returns the words of text that were learnt from in a second, every epoch counted. */
  public double wordsPerSecond() {
    return epochs * (double) words / seconds;
  }

  /** Returns the figures by their names in JSON. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("types", vectors.words());
    figures.put("size", vectors.size());
    figures.put("words", words);
    figures.put("epochs", epochs);
    figures.put("workers", workers);
    figures.put("loss", loss);
    figures.put("words_per_second", wordsPerSecond());
    figures.put("seconds", seconds);
    return figures;
  }
}
