// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.unroll.rnn.data.Slicer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.Documents;

/**
 * Numbers of one chunk of the input, found by a task. A problem with the input travels in their
 * place: thrown, Spark would try the task again, and the first of several problems to arrive would
 * be the one that is told.
 *
 * @param chunk its number
 * @param text what the documents that begin in it are like; types, unknown and equal ones are not
 *     counted here
 * @param notEmpty documents with any text
 * @param digest SHA-256 of what was read
 * @param problem what is wrong with the input, or null; then nothing else counts
 */
record ChunkCounts(int chunk, CorpusStatistics text, long notEmpty, byte[] digest, String problem)
    implements Serializable {

  /** Returns what stands for a chunk whose text cannot be used. */
  static ChunkCounts ofProblem(int chunk, String problem) {
    return new ChunkCounts(chunk, CorpusStatistics.ofBytes(0, 0), 0, new byte[0], problem);
  }

  /** Returns what is known of a chunk of rows, whose tokens are counted where they are kept. */
  static ChunkCounts ofRows(int chunk, long bytes, long invalidBytes, byte[] digest) {
    return new ChunkCounts(chunk, CorpusStatistics.ofBytes(bytes, invalidBytes), 0, digest, null);
  }

  /** Returns what several chunks together are like. */
  static CorpusStatistics sum(List<ChunkCounts> chunks) {
    return chunks.stream()
        .map(ChunkCounts::text)
        .reduce(CorpusStatistics.ofBytes(0, 0), CorpusStatistics::plus);
  }

  /** Makes a list that brings the numbers of chunks to the driver beside what is kept there. */
  static CollectionAccumulator<ChunkCounts> results(JavaSparkContext spark) {
    return spark.sc().collectionAccumulator();
  }

  /**
   * Returns the numbers of all chunks in order. A chunk that is read again, after a failure, has
   * the same numbers again, so that it counts once.
   *
   * @throws InputException with the first problem of the chunks, if there is one
   */
  static List<ChunkCounts> inOrder(CollectionAccumulator<ChunkCounts> results, int chunks) {
    ChunkCounts[] counts = new ChunkCounts[chunks];
    results.value().forEach(one -> counts[one.chunk] = one);
    for (ChunkCounts one : counts) {
      if (one != null && one.problem != null) {
        throw new InputException(one.problem);
      }
    }
    if (Arrays.asList(counts).contains(null)) {
      throw new InputException("The input could not be read.");
    }
    return List.of(counts);
  }

  /** A counter counts what comes by in one chunk: of a slice, that it is a token. */
  static class Counter implements Slicer.Sink {
    private final LengthHistogram lengths = new LengthHistogram();
    private long tokens;
    private long documents;
    private long notEmpty;
    private boolean anyText;
    private long tokensBefore;

    @Override
    public void slice(byte[] text, int from, int to) {
      tokens++;
    }

    final long tokens() {
      return tokens;
    }

    final void count(int more) {
      tokens += more;
    }

    /** Takes the end of a line that is a token. */
    void lineEnd() {
      tokens++;
    }

    /** Takes a piece of text, before its slices. */
    void piece(byte[] text, int from, int to) {
      anyText |= to > from;
    }

    void documentEnd() {
      documents++;
      notEmpty += anyText ? 1 : 0;
      anyText = false;
      lengths.add(tokens - tokensBefore, 1);
      tokensBefore = tokens;
    }

    /** Returns what was counted of a chunk. */
    final ChunkCounts counts(int chunk, TextPlan.Cursor cursor) {
      Documents all = cursor.documents();
      CorpusStatistics text =
          new CorpusStatistics(
              documents,
              tokens,
              0,
              0,
              0,
              all.invalidBytes(),
              all.emptyRows(),
              all.badRows(),
              all.bytes(),
              lengths);
      return new ChunkCounts(chunk, text, notEmpty, cursor.digest(), null);
    }
  }
}
