// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.unroll.rnn.data.BpeLearner;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.rows.TextSplitter;
import scala.Tuple2;

/**
 * The byte pairs of both sides of rows: of the text that is read, and of those that are written.
 *
 * @param source pieces of the first column of text; null where rows have no text
 * @param target pieces of what is written, the same if both sides share them; null where rows have
 *     nothing to be written
 */
public record BytePairs(Vocabulary source, Vocabulary target) {
  /** The entries of a vocabulary where nobody says otherwise. */
  public static final int USUAL = 8000;

  /** The fewest entries of a vocabulary: all bytes and the special symbols. */
  public static final int LEAST = 256 + Vocabulary.SPECIALS.size();

  private static final int MOST_PIECES = 64;

  /**
   * Learns the pieces of rows, by Spark jobs.
   *
   * @param rows whose texts are whole, such as {@link TextSplitter.Unit#BYTE_PAIRS} leaves them;
   *     where there is a column with what is written, those are left out that have nothing in it
   * @param size the most entries of a vocabulary, at least {@link #LEAST}
   * @param joint whether both sides share the pieces
   * @throws InputException if they are to, but the rows do not have both sides
   */
  public static BytePairs of(RowSet rows, int size, boolean joint) {
    ColumnChoice columns = rows.columns();
    boolean reads = !columns.text().isEmpty();
    boolean writes = columns.label() != null;
    if (joint) {
      requireJoint(columns);
    }
    JavaRDD<SequenceRow> all = rows.rows();
    JavaRDD<String> written = texts(all.flatMap(row -> row.texts().iterator()));
    JavaRDD<String> read =
        reads
            ? texts(
                all.filter(row -> !writes || !row.texts().isEmpty())
                    .flatMap(row -> Stream.of(row.tokens()[0]).iterator()))
            : null;
    if (joint) {
      Vocabulary both = learn(read.union(written), size);
      return new BytePairs(both, both);
    }
    return new BytePairs(reads ? learn(read, size) : null, writes ? learn(written, size) : null);
  }

  /** Puts a blank before texts, as {@link TextCodec} cuts them. */
  private static JavaRDD<String> texts(JavaRDD<String> texts) {
    return texts.map(text -> TextCodec.BEFORE + text);
  }

  /**
   * Requires that rows have one text to read and something to be written, which can share tokens.
   *
   * @throws InputException if not
   */
  public static void requireJoint(ColumnChoice columns) {
    int texts = columns.text().size();
    if (texts != 1 || columns.label() == null) {
      throw new InputException(
          ("--joint makes one vocabulary of what is read and what is written, but the rows have %s:"
                  + " leave it out.")
              .formatted(
                  texts == 1
                      ? "nothing to be written (--label)"
                      : (texts == 0 ? "no" : texts) + " columns of text"));
    }
  }

  /** Returns whether both sides share their pieces. */
  public boolean isJoint() {
    return source != null && source == target;
  }

  /** Returns the pieces of what is written alone; null where there are none, or both share them. */
  Vocabulary ownTarget() {
    return isJoint() ? null : target;
  }

  /** Orders words by how often they occur, and those that do as often by themselves. */
  private static final class MostFrequent
      implements Comparator<Tuple2<String, Long>>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Tuple2<String, Long> one, Tuple2<String, Long> other) {
      int byCount = Long.compare(other._2(), one._2());
      return byCount != 0 ? byCount : Vocabulary.compareTokens(one._1(), other._1());
    }
  }

  /**
   * Returns the pieces of the most frequent words, behind {@link Vocabulary#SPECIALS}.
   *
   * @param size the most entries, at least {@link #LEAST}; fewer if no pair occurs twice
   */
  static Vocabulary learn(JavaRDD<String> texts, int size) {
    List<Tuple2<String, Long>> words =
        new ArrayList<>(
            texts
                .mapPartitionsToPair(BytePairs::words)
                .reduceByKey(Long::sum)
                .takeOrdered(PrepareJob.MOST_BPE_WORDS, new MostFrequent()));
    words.sort(Comparator.comparing(Tuple2::_1, Vocabulary::compareTokens));
    SliceTable table = new SliceTable();
    long[] counts = new long[words.size()];
    for (int w = 0; w < counts.length; w++) {
      byte[] word = words.get(w)._1().getBytes(StandardCharsets.UTF_8);
      table.add(word, 0, word.length);
      counts[w] = words.get(w)._2();
    }
    int specials = Vocabulary.SPECIALS.size();
    BpeTokenizer pairs = BpeLearner.learn(table, counts, size - specials);
    List<Vocabulary.Entry> entries = new ArrayList<>();
    Vocabulary.SPECIALS.forEach(special -> entries.add(new Vocabulary.Entry(special, 0)));
    entries.addAll(pairs.vocabulary(occurrences(pairs, table, counts)).entries());
    return Vocabulary.of(entries);
  }

  private static Iterator<Tuple2<String, Long>> words(Iterator<String> texts) {
    Map<String, Long> counts = new HashMap<>();
    while (texts.hasNext()) {
      byte[] text = texts.next().getBytes(StandardCharsets.UTF_8);
      BpeTokenizer.bytes()
          .slicer()
          .cut(
              text,
              0,
              text.length,
              (word, from, to) ->
                  counts.merge(
                      new String(word, from, to - from, StandardCharsets.UTF_8), 1L, Long::sum));
    }
    return counts.entrySet().stream().map(e -> new Tuple2<>(e.getKey(), e.getValue())).iterator();
  }

  private static long[] occurrences(BpeTokenizer pairs, SliceTable words, long[] counts) {
    long[] occurrences = new long[pairs.size()];
    BpeTokenizer.Encoder encoder = pairs.encoder();
    int[] ids = new int[MOST_PIECES];
    for (int w = 0; w < counts.length; w++) {
      int pieces = encoder.encode(words.array(), words.start(w), words.start(w + 1), ids);
      for (int i = 0; i < pieces; i++) {
        occurrences[ids[i]] += counts[w];
      }
    }
    return occurrences;
  }
}
