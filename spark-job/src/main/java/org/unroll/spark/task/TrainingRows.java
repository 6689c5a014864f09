// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.corpus.PreparedRows;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.task.EvaluateJob.Score;

/** The rows that a task is trained on: what is learnt and what is held out. */
final class TrainingRows implements TrainingData {
  private static final String TRAINING = "training";
  private static final String VALIDATION = "validation";
  private static final String TEST = "test";

  private final SparkSession spark;
  private final TrainRequest request;
  private final RowSet train;

  /** The rows to choose by and those for the end, or null. */
  private final RowSet valid;

  private final RowSet test;
  private final RowTask task;
  private final RowEncoder encoder;
  private final Metric metric;
  private final RowShards folder;
  private final Broadcast<RowEncoder> shared;
  private final ExampleShards shards;
  private final ExampleShards.Encoded learnt;

  /**
   * Reads, counts and encodes the rows, as Spark jobs.
   *
   * @throws InputException if data cannot be used
   */
  TrainingRows(SparkSession spark, RowTask asked, TrainRequest request, Terminal terminal) {
    this.spark = spark;
    this.request = request;
    TrainRequest.Rows data = rows();
    RowSet all = open(data.input().paths(), 0);
    long seed = request.train().seed();
    double held = data.validFraction();
    train = held > 0 ? all.part(seed, held, false) : all;
    valid = held > 0 ? all.part(seed, held, true) : openOrNull(data.valid(), train.channels());
    test = openOrNull(data.test(), train.channels());
    Map<String, Long> labels = asked.labels(train);
    requireChoice(asked, labels);
    task = asked.informed(train, labels);
    RowEncoder known = encoder(labels);
    encoder = data.unseenAreWrong() ? known.withUnseen(unseen(known, terminal)) : known;
    metric = task.metric(encoder);
    folder = new RowShards(data.shardsFolder(), HadoopFiles.configuration());
    shared = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(encoder);
    try {
      learnt = encode(train, Split.TRAIN);
      Set<Split> splits = EnumSet.of(Split.TRAIN);
      if (valid != null) {
        encode(valid, Split.VALID);
        splits.add(Split.VALID);
      }
      if (test != null) {
        // Only to find rows that cannot be used before the training instead of behind it.
        encode(test, Split.TEST);
      }
      int rounds = BucketBatcher.rounds(learnt.examples(), request.train().batch());
      shards = new ExampleShards(task, request.train(), rounds, splits, folder, shared);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    long unused = skipped() + learnt.unusable().count();
    if (unused > 0) {
      terminal.note(
          "%s that cannot be used %s left out."
              .formatted(Figures.count(unused, "row"), unused == 1 ? "was" : "were"));
    }
  }

  private TrainRequest.Rows rows() {
    return (TrainRequest.Rows) request.data();
  }

  private RowSet openOrNull(List<String> paths, int channels) {
    return paths.isEmpty() ? null : open(paths, channels);
  }

  private RowSet open(List<String> paths, int channels) {
    TrainRequest.Rows data = rows();
    return PreparedRows.open(
        spark, data.input().at(paths), data.choice(), data.splitter(), channels);
  }

  private static void requireChoice(RowTask task, Map<String, Long> labels) {
    boolean chooses = task instanceof Classify || task instanceof Tag;
    if (chooses && labels.size() == 1) {
      throw new InputException(
          ("All rows to learn have the label '%s', so there is nothing to tell apart: name another"
                  + " --label, or give more rows.")
              .formatted(labels.keySet().iterator().next()));
    }
  }

  private RowEncoder encoder(Map<String, Long> labels) {
    TrainRequest.Rows data = rows();
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
            : RowEncoder.charactersOf(vocabularies.get(0));
    ChannelStatistics statistics = train.channels() == 0 ? null : train.statistics();
    List<String> names = List.copyOf(labels.keySet());
    return new RowEncoder(vocabularies, characters, names, labels, statistics, data.maxLength());
  }

  /** Returns the labels that only validation and test rows have. */
  private List<String> unseen(RowEncoder known, Terminal terminal) {
    Set<String> unseen = new LinkedHashSet<>();
    for (RowSet data : all().skip(1).toList()) {
      RowTask.UnseenLabels found = RowTask.UnseenLabels.of(data, task, known);
      unseen.addAll(found.names());
      if (found.count() > 0) {
        terminal.note(found.describe());
      }
    }
    return List.copyOf(unseen);
  }

  private ExampleShards.Encoded encode(RowSet data, Split split) {
    return new ExampleShards.Encoding(task, shared, split, folder)
        .of(data, request.train().shards(), rows().input().onBadRow());
  }

  private Stream<RowSet> all() {
    return Stream.of(train, valid, test).filter(some -> some != null);
  }

  private long skipped() {
    return all().mapToLong(RowSet::skipped).sum();
  }

  @Override
  public Facts facts() {
    NetworkChoice choice = request.network();
    HeadSpec head = task.head(encoder, choice);
    return new Facts(
        amount(),
        all().map(RowSet::hash).collect(Collectors.joining(" ")),
        columns(),
        TaskModel.fields(TaskModel.Columns.of(task, encoder, train, rows().splitter())),
        Json.fields("train_rows", train.count(), "skipped_rows", skipped()),
        encoder.vocabularies(),
        encoder.characters(),
        choice.reader(encoder, head, features(), request.frozen()));
  }

  private String amount() {
    StringBuilder text = new StringBuilder(Figures.count(train.count(), "row")).append(" to learn");
    text.append(" of ").append(Figures.count(train.steps(), "step"));
    if (valid != null) {
      text.append(", ").append(Figures.count(valid.count())).append(" to validate");
    }
    if (test != null) {
      text.append(", ").append(Figures.count(test.count())).append(" to test");
    }
    if (!encoder.labels().isEmpty()) {
      text.append(", ").append(Figures.count(encoder.labels().size(), "label"));
    }
    return text.append('.').toString();
  }

  /** Returns the columns, however they were found. */
  private Map<String, Object> columns() {
    String text = String.join(",", train.textColumns());
    String features = String.join(",", train.featureColumns());
    Map<String, Object> settings = Json.fields("text", text, "features", features);
    if (train.labelColumn() != null) {
      settings.put("label", train.labelColumn());
    }
    return settings;
  }

  private int features() {
    return encoder.channels() * (task.missing() ? 2 : 1);
  }

  @Override
  public Metric metric() {
    return metric;
  }

  @Override
  public double score(double[] sums) {
    return task.measure().score(metric.figures(sums));
  }

  @Override
  public Shards shards() {
    return shards;
  }

  @Override
  public long bytes(int count) {
    return learnt.steps() * Float.BYTES * (1 + features()) / request.train().shards() * count;
  }

  @Override
  public Outcome unfinished(EpochMetrics best) {
    double loss = best.watched().mean();
    Map<String, Object> results = Json.fields("best_epoch", best.epoch(), "loss", loss);
    Measure measure = task.measure();
    List<Report.Figure> page = new ArrayList<>();
    boolean validated = best.valid() != null;
    if (validated) {
      page.add(Score.figure(measure.value(best), measure.words(), VALIDATION));
    }
    String of = validated ? VALIDATION : TRAINING;
    page.add(Score.figure(loss, measure.lossUnit(), of));
    return new Outcome(results, Map.of(), Map.of(), page, List.of(), List.of(), Map.of());
  }

  /** Scores what is held out, after the task has learnt what it learns itself. */
  @Override
  public Outcome finished(TrainResult training, double seconds, long peakMemory) {
    int beam = request.network().beam();
    ModelInHand trained =
        new ModelInHand(task, encoder, facts().network(), training.params(), beam);
    RowTask finished = task.finished(spark, trained, train);
    ModelInHand model = new ModelInHand(finished, encoder, trained.spec(), trained.params(), beam);
    Score ofValid = score(model, valid);
    Score ofTest = score(model, test);
    EpochMetrics best = training.epochs().get(training.bestEpoch() - 1);
    Map<String, Object> figures = Json.fields("train_loss", best.train().mean());
    Map<String, String> lines = new LinkedHashMap<>();
    List<Report.Table> tables = new ArrayList<>();
    if (ofValid != null) {
      figures.putAll(ofValid.figures());
      figures.put("valid_rows", ofValid.scored());
      figures.put("valid_skipped", ofValid.skipped());
      lines.put("validation", ofValid.words());
    }
    if (ofTest != null) {
      ofTest.figures().forEach((name, value) -> figures.put("test_" + name, value));
      figures.put("test_rows", ofTest.scored());
      figures.put("test_skipped", ofTest.skipped());
      lines.put("test", ofTest.words());
      tables.addAll(ofTest.tables("test data"));
    } else if (ofValid != null) {
      tables.addAll(ofValid.tables("validation data"));
    }
    Map<String, Object> results = Json.fields("best_epoch", training.bestEpoch());
    results.putAll(figures);
    Measure measure = task.measure();
    List<Report.Figure> page = new ArrayList<>();
    // What was never used to choose anything comes first.
    if (ofTest != null) {
      page.addAll(ofTest.page(measure, TEST));
    }
    if (ofValid != null) {
      page.addAll(ofValid.page(measure, VALIDATION));
    }
    page.add(Score.figure(best.train().mean(), measure.lossUnit(), TRAINING));
    page.addAll(
        Report.Figure.costs(training.tokensPerSecond(), measure.counted(), seconds, peakMemory));
    Map<String, Tensor> tensors = finished.tensors();
    return new Outcome(results, figures, lines, page, tables, List.of(), tensors);
  }

  private Score score(ModelInHand model, RowSet data) {
    return data == null ? null : EvaluateJob.rows(spark, model, data, rows().input().onBadRow());
  }

  @Override
  public void close() {
    all().forEach(RowSet::close);
    shared.destroy();
    folder.remove();
  }
}
