// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.RowSet;

/**
 * The rows of a training: what is learnt and what is held out.
 *
 * @param valid to choose by, or null
 * @param test for the end, or null
 * @param encoder made of the rows that are learnt
 * @param labels how often each label occurs in those
 * @param fields what {@code config.json} says of the data
 */
record ReadingSplits(
    RowSet train,
    RowSet valid,
    RowSet test,
    RowEncoder encoder,
    Map<String, Long> labels,
    Map<String, Object> fields)
    implements AutoCloseable {

  /**
   * Reads and counts the rows, as Spark jobs.
   *
   * @throws org.unroll.rnn.io.InputException if data cannot be used
   */
  static ReadingSplits open(SparkSession spark, ReadingRequest request) {
    ReadingData data = request.data();
    RowSet all = open(spark, data, data.input().paths(), 0);
    long seed = request.run().train().seed();
    double held = data.validFraction();
    RowSet train = held > 0 ? all.part(seed, held, false) : all;
    RowSet valid =
        held > 0
            ? all.part(seed, held, true)
            : openOrNull(spark, data, data.valid(), train.channels());
    RowSet test = openOrNull(spark, data, data.test(), train.channels());
    List<Vocabulary> vocabularies = new ArrayList<>();
    for (int c = 0; c < train.textColumns().size(); c++) {
      // Of all tokenizers, that of characters alone has no end of line among its tokens.
      vocabularies.add(
          new VocabularyChoice("char", data.vocabularySize(), data.minCount(), true)
              .from(train.tokens(c), train.steps()));
    }
    if (request.embeddings() != null && vocabularies.isEmpty()) {
      throw new InputException(
          "--embeddings has vectors of words, but the rows have no column of text: name it with"
              + " --text, or leave --embeddings out.");
    }
    Vocabulary characters =
        request.network().characterEmbedding() == 0 || vocabularies.isEmpty()
            ? null
            : WordCharacters.of(vocabularies.get(0));
    Map<String, Long> labels = request.task().labels(train);
    boolean chooses = request.task() instanceof Classify || request.task() instanceof Tag;
    if (chooses && labels.size() == 1) {
      throw new InputException(
          "All rows to learn have the label '"
              + labels.keySet().iterator().next()
              + "', so there is nothing to tell apart: name another --label, or give more rows.");
    }
    ReadingTask task = request.task().informed(train, labels);
    ChannelStatistics statistics = train.channels() == 0 ? null : train.statistics();
    RowEncoder encoder =
        new RowEncoder(
            task,
            vocabularies,
            characters,
            List.copyOf(labels.keySet()),
            statistics,
            data.maxLength());
    Map<String, Object> fields =
        ReadingModel.fields(
            encoder,
            train.textColumns(),
            train.featureColumns(),
            train.labelColumn(),
            data.splitter());
    return new ReadingSplits(train, valid, test, encoder, labels, fields);
  }

  /**
   * The same where labels that only validation and test rows have count as mistakes.
   *
   * @param note is told how many there are
   */
  ReadingSplits withUnseenLabels(Consumer<String> note) {
    Set<String> unseen = new LinkedHashSet<>();
    for (RowSet data : Stream.of(valid, test).filter(Objects::nonNull).toList()) {
      UnseenLabels found = UnseenLabels.of(data, encoder);
      unseen.addAll(found.names());
      if (found.count() > 0) {
        note.accept(found.describe());
      }
    }
    return new ReadingSplits(
        train, valid, test, encoder.withUnseen(List.copyOf(unseen)), labels, fields);
  }

  private static RowSet openOrNull(
      SparkSession spark, ReadingData data, List<String> paths, int channels) {
    return paths.isEmpty() ? null : open(spark, data, paths, channels);
  }

  private static RowSet open(
      SparkSession spark, ReadingData data, List<String> paths, int channels) {
    return RowSet.open(spark, data.input().at(paths), data.choice(), data.splitter(), channels);
  }

  private Stream<RowSet> all() {
    return Stream.of(train, valid, test).filter(Objects::nonNull);
  }

  /** Of all rows. */
  String hash() {
    return all().map(RowSet::hash).collect(Collectors.joining(" "));
  }

  /** Rows that were left out. */
  long skipped() {
    return all().mapToLong(RowSet::skipped).sum();
  }

  /** How much there is, a sentence. */
  String describe() {
    StringBuilder text = new StringBuilder(Figures.count(train.count())).append(" rows to learn");
    text.append(" of ").append(Figures.count(train.steps())).append(" steps");
    if (valid != null) {
      text.append(", ").append(Figures.count(valid.count())).append(" to validate");
    }
    if (test != null) {
      text.append(", ").append(Figures.count(test.count())).append(" to test");
    }
    if (!labels.isEmpty()) {
      text.append(", ").append(Figures.count(labels.size())).append(" labels");
    }
    return text.append('.').toString();
  }

  @Override
  public void close() {
    all().forEach(RowSet::close);
  }
}
