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
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.Part;
import org.unroll.spark.rows.SequenceData;

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
    SequenceData train,
    SequenceData valid,
    SequenceData test,
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
    Part learnt = new Part(request.run().train().seed(), data.validFraction(), false);
    SequenceData train = open(spark, data, data.input().paths(), learnt, 0);
    SequenceData valid =
        data.validFraction() > 0
            ? open(
                spark,
                data,
                data.input().paths(),
                new Part(learnt.seed(), learnt.fraction(), true),
                train.channels())
            : openOrNull(spark, data, data.valid(), train.channels());
    SequenceData test = openOrNull(spark, data, data.test(), train.channels());
    List<Vocabulary> vocabularies = new ArrayList<>();
    for (int c = 0; c < train.textColumns().size(); c++) {
      vocabularies.add(train.vocabulary(c, data.vocabularySize(), data.minCount()));
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
    for (SequenceData data : Stream.of(valid, test).filter(Objects::nonNull).toList()) {
      UnseenLabels found = UnseenLabels.of(data, encoder);
      unseen.addAll(found.names());
      if (found.count() > 0) {
        note.accept(found.describe());
      }
    }
    return new ReadingSplits(
        train, valid, test, encoder.withUnseen(List.copyOf(unseen)), labels, fields);
  }

  private static SequenceData openOrNull(
      SparkSession spark, ReadingData data, List<String> paths, int channels) {
    return paths.isEmpty() ? null : open(spark, data, paths, Part.ALL, channels);
  }

  private static SequenceData open(
      SparkSession spark, ReadingData data, List<String> paths, Part part, int channels) {
    return SequenceData.open(
        spark, data.input().at(paths), data.choice(), data.splitter(), part, channels);
  }

  private Stream<SequenceData> all() {
    return Stream.of(train, valid, test).filter(Objects::nonNull);
  }

  /** Of all rows. */
  String hash() {
    return all().map(SequenceData::hash).collect(Collectors.joining(" "));
  }

  /** Rows that were left out. */
  long skipped() {
    return all().mapToLong(SequenceData::skipped).sum();
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
    all().forEach(SequenceData::close);
  }
}
