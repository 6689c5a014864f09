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
import org.apache.spark.api.java.JavaRDD;
import org.unroll.rnn.data.BpeLearner;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Vocabulary;
import scala.Tuple2;

/** Learns the byte pairs of texts that are counted by a Spark job, as a vocabulary of rows. */
public final class BytePairs {
  private static final int MOST_PIECES = 64;

  private BytePairs() {}

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
   * @param size the most entries, at least 256 and the special ones; fewer if no pair occurs twice
   */
  public static Vocabulary learn(JavaRDD<String> texts, int size) {
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
