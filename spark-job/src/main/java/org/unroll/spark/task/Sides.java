// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.BytePairs;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.rows.TextSplitter.Unit;
import org.unroll.spark.store.SavedModel;
import scala.Tuple2;

/**
 * The tokens of both sides of rows from which writing is learnt: of the texts that are read, and of
 * those that are written.
 *
 * @param source of the first column of text; null where the vocabulary is chosen as for other tasks
 * @param target of what is written
 */
record Sides(TextCodec source, TextCodec target) {

  /**
   * Chooses the tokens, by Spark jobs.
   *
   * @param train rows, whose texts are whole where they become byte pairs
   * @param growing the model whose tokens these are, with new ones; null for tokens of the rows
   * @param corpus that prepare made of the rows, whose byte pairs are used where they are as many,
   *     joint or not, as is asked for, and no rows are held out; or null
   * @throws InputException if there is no vocabulary as it was asked for
   */
  static Sides of(RowSet train, TrainRequest.Rows told, ModelStart growing, PreparedCorpus corpus) {
    int texts = train.columns().text().size();
    boolean pairs = told.splitter().unit() == Unit.BYTE_PAIRS;
    if (pairs && texts > 0 && (texts > 1 || train.channels() > 0)) {
      throw new InputException(
          ("--unit bpe cuts one column of text, but the rows have %s: take another --unit.")
              .formatted(texts > 1 ? texts + " columns of text" : "numbers by step beside it"));
    }
    if (told.joint()) {
      BytePairs.requireJoint(train.columns());
    }
    if (pairs && growing != null) {
      return pairs(growing.model(), told.splitter(), told.joint());
    }
    return pairs ? pairs(train, told, corpus) : tokens(train, told, growing);
  }

  /** Returns the byte pairs of a model, of which all text is made. */
  private static Sides pairs(SavedModel model, TextSplitter splitter, boolean joint) {
    TextCodec target = TextCodec.of(splitter, model.target());
    if (joint || model.vocabularies().isEmpty()) {
      return new Sides(joint ? target : null, target);
    }
    return new Sides(TextCodec.of(splitter, model.vocabularies().get(0)), target);
  }

  private static Sides pairs(RowSet train, TrainRequest.Rows told, PreparedCorpus corpus) {
    BytePairs known = corpus == null ? null : corpus.pairs();
    int size = told.vocabularySize();
    boolean same =
        known != null
            && known.target() != null
            && known.isJoint() == told.joint()
            && corpus.vocabularySize() == size
            && corpus.columns("text").equals(train.columns().text());
    // Rows that are held out have no say in what is learnt of the others.
    boolean whole = told.validFraction() == 0 && told.held() == null;
    BytePairs pairs = same && whole ? known : BytePairs.of(train, size, told.joint());
    TextSplitter splitter = told.splitter();
    TextCodec target = TextCodec.of(splitter, pairs.target());
    if (pairs.isJoint()) {
      return new Sides(target, target);
    }
    return new Sides(
        pairs.source() == null ? null : TextCodec.of(splitter, pairs.source()), target);
  }

  private static Sides tokens(RowSet train, TrainRequest.Rows told, ModelStart growing) {
    TextSplitter splitter = told.splitter();
    JavaPairRDD<String, Long> counts =
        written(train).mapPartitionsToPair(texts -> tally(splitter, texts)).reduceByKey(Long::sum);
    if (!told.joint()) {
      return new Sides(null, TextCodec.of(splitter, vocabulary(counts, told, growing)));
    }
    JavaPairRDD<String, Long> both = counts.union(train.tokens(0)).reduceByKey(Long::sum);
    TextCodec codec = TextCodec.of(splitter, vocabulary(both, told, growing));
    return new Sides(codec, codec);
  }

  private static JavaRDD<String> written(RowSet train) {
    return train.rows().flatMap(row -> row.texts().iterator());
  }

  private static Vocabulary vocabulary(
      JavaPairRDD<String, Long> counts, TrainRequest.Rows told, ModelStart growing) {
    if (growing != null) {
      return growing.growth().of(growing.model().target()).from(counts);
    }
    // As words, whatever the unit: those have a token for the end.
    return new VocabularyChoice("word", told.vocabularySize(), told.minCount(), true)
        .from(counts, counts.values().fold(0L, Long::sum));
  }

  private static Iterator<Tuple2<String, Long>> tally(
      TextSplitter splitter, Iterator<String> texts) {
    Map<String, Long> counts = new HashMap<>();
    while (texts.hasNext()) {
      splitter.split(texts.next()).forEach(token -> counts.merge(token, 1L, Long::sum));
    }
    return counts.entrySet().stream().map(e -> new Tuple2<>(e.getKey(), e.getValue())).iterator();
  }
}
