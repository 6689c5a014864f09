// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.unroll.rnn.data.Slicer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.Documents;

/**
 * Numbers of one chunk of the input, found by a task. A problem with the input travels in their
 * place: thrown, Spark would try the task again, and the first of several problems to arrive would
 * be the one that is told.
 *
 * @param tokens of all documents that begin in it
 * @param documents their number
 * @param bytes of text
 * @param invalidBytes that were no UTF-8 and have been replaced
 * @param emptyRows rows without a text, taken as empty
 * @param badRows rows that could not be used and were left out
 * @param notEmpty documents with any text
 * @param lengths documents by their length
 * @param digest SHA-256 of what was read
 * @param problem what is wrong with the input, or null; then nothing else counts
 */
record ChunkCounts(
    long tokens,
    long documents,
    long bytes,
    long invalidBytes,
    long emptyRows,
    long badRows,
    long notEmpty,
    LengthHistogram lengths,
    byte[] digest,
    String problem)
    implements Serializable {

  /** Returns what stands for a chunk whose text cannot be used. */
  static ChunkCounts ofProblem(String problem) {
    return new ChunkCounts(0, 0, 0, 0, 0, 0, 0, new LengthHistogram(), new byte[0], problem);
  }

  /** Returns what is known of a chunk of rows, whose tokens are counted where they are kept. */
  static ChunkCounts ofRows(long bytes, long invalidBytes, byte[] digest) {
    return new ChunkCounts(0, 0, bytes, invalidBytes, 0, 0, 0, new LengthHistogram(), digest, null);
  }

  /** Returns the number of tokens of several chunks together. */
  static long tokens(List<ChunkCounts> chunks) {
    return chunks.stream().mapToLong(ChunkCounts::tokens).sum();
  }

  /** A counter counts what comes by in one chunk after another. */
  abstract static class Counter implements Slicer.Sink {
    private long tokens;
    private long documents;
    private long notEmpty;
    private boolean anyText;
    private long tokensBefore;
    private LengthHistogram lengths = new LengthHistogram();

    /** Begins with a chunk. */
    final void begin() {
      tokens = 0;
      documents = 0;
      notEmpty = 0;
      anyText = false;
      tokensBefore = 0;
      lengths = new LengthHistogram();
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

    /** Returns what was counted since the beginning of the chunk. */
    final ChunkCounts counts(TextPlan.Cursor cursor) {
      Documents all = cursor.documents();
      return new ChunkCounts(
          tokens,
          documents,
          all.bytes(),
          all.invalidBytes(),
          all.emptyRows(),
          all.badRows(),
          notEmpty,
          lengths,
          cursor.digest(),
          null);
    }
  }

  /** One chunk's numbers on their way to the driver. */
  record Numbered(int chunk, ChunkCounts counts) {}

  /**
   * Brings the numbers of chunks to the driver beside what is shuffled or kept. A chunk that is
   * read again, after a failure, has the same numbers again, so that it counts once.
   */
  static final class Results extends AccumulatorV2<Numbered, Map<Integer, ChunkCounts>> {
    private static final long serialVersionUID = 1L;

    /** A map for several threads: Spark may send it while a task adds to it. */
    private final Map<Integer, ChunkCounts> byChunk = new ConcurrentHashMap<>();

    /** Makes results known to Spark. */
    static Results register(JavaSparkContext spark) {
      Results results = new Results();
      spark.sc().register(results);
      return results;
    }

    @Override
    public boolean isZero() {
      return byChunk.isEmpty();
    }

    @Override
    public Results copy() {
      Results copy = new Results();
      copy.byChunk.putAll(byChunk);
      return copy;
    }

    @Override
    public void reset() {
      byChunk.clear();
    }

    @Override
    public void add(Numbered one) {
      byChunk.put(one.chunk, one.counts);
    }

    @Override
    public void merge(AccumulatorV2<Numbered, Map<Integer, ChunkCounts>> other) {
      byChunk.putAll(other.value());
    }

    @Override
    public Map<Integer, ChunkCounts> value() {
      return byChunk;
    }

    /**
     * Throws the first problem of the chunks, if there is one.
     *
     * @throws InputException with that problem
     */
    void requireNoProblem() {
      byChunk.entrySet().stream()
          .filter(entry -> entry.getValue().problem != null)
          .min(Map.Entry.comparingByKey())
          .ifPresent(
              first -> {
                throw new InputException(first.getValue().problem);
              });
    }

    /**
     * Returns the numbers of all chunks in order.
     *
     * @throws InputException if there is a problem with the input
     */
    List<ChunkCounts> inOrder(int chunks) {
      requireNoProblem();
      List<ChunkCounts> counts = new ArrayList<>();
      for (int c = 0; c < chunks; c++) {
        counts.add(byChunk.get(c));
        if (counts.get(c) == null) {
          throw new InputException("The input could not be read.");
        }
      }
      return counts;
    }
  }
}
