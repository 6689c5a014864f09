// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run made.
 *
 * @param corpus as it is now
 * @param addedFiles files that this run read
 * @param addedBytes text that this run read, unpacked
 * @param seconds that it took
 */
public record PrepareResult(
    PreparedCorpus corpus, int addedFiles, long addedBytes, double seconds) {
  private static final double NANOS = 1e9;

  PrepareResult(PreparedCorpus corpus, int addedFiles, long addedBytes, long startNanos) {
    this(corpus, addedFiles, addedBytes, (System.nanoTime() - startNanos) / NANOS);
  }

  /** By their names in JSON. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>(corpus.description().statistics().fields());
    figures.put("vocabulary", corpus.vocabulary().size());
    figures.put("shards", corpus.shards().size());
    figures.put("files", corpus.description().sources().size());
    figures.put("added_files", addedFiles);
    figures.put("added_bytes", addedBytes);
    figures.put("seconds", seconds);
    figures.put("bytes_per_second", addedBytes / seconds);
    return figures;
  }
}
