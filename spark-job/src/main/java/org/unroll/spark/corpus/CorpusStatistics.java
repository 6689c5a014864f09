// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Statistics tell what a prepared text is like.
 *
 * @param documents lines, rows or files
 * @param tokens of all documents
 * @param types different tokens, before a vocabulary is chosen; of what is learnt from the text,
 *     such as byte pairs, the words they were learnt from
 * @param unknown tokens that are not in the vocabulary
 * @param duplicates documents, not empty, that equal an earlier one byte by byte
 * @param invalidBytes that were no UTF-8 and have been replaced
 * @param emptyRows rows of a table without a text, taken as empty
 * @param badRows rows of a table that could not be used and were left out
 * @param bytes of text, unpacked
 * @param lengths how many documents have how many tokens
 */
public record CorpusStatistics(
    long documents,
    long tokens,
    long types,
    long unknown,
    long duplicates,
    long invalidBytes,
    long emptyRows,
    long badRows,
    long bytes,
    LengthHistogram lengths)
    implements Serializable {

  /** Returns what is known of a text of which nothing but the bytes was counted. */
  static CorpusStatistics ofBytes(long bytes, long invalidBytes) {
    return new CorpusStatistics(0, 0, 0, 0, 0, invalidBytes, 0, 0, bytes, new LengthHistogram());
  }

  /** Returns the part of the tokens that the vocabulary does not have. */
  public double oovRate() {
    return tokens == 0 ? 0 : (double) unknown / tokens;
  }

  /**
   * Returns the statistics of this text and another that was added to it. Types and duplicates of
   * both together would take the texts: types stay those of this one, duplicates add up.
   */
  public CorpusStatistics plus(CorpusStatistics added) {
    LengthHistogram all = new LengthHistogram();
    all.add(lengths);
    all.add(added.lengths);
    return new CorpusStatistics(
        documents + added.documents,
        tokens + added.tokens,
        types,
        unknown + added.unknown,
        duplicates + added.duplicates,
        invalidBytes + added.invalidBytes,
        emptyRows + added.emptyRows,
        badRows + added.badRows,
        bytes + added.bytes,
        all);
  }

  /** Returns the statistics by their names in JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("documents", documents);
    fields.put("tokens", tokens);
    fields.put("types", types);
    fields.put("unknown", unknown);
    fields.put("oov_rate", oovRate());
    fields.put("duplicates", duplicates);
    fields.put("invalid_bytes", invalidBytes);
    fields.put("empty_rows", emptyRows);
    fields.put("skipped", badRows);
    fields.put("bytes", bytes);
    fields.put("lengths", lengths.bins());
    return fields;
  }
}
