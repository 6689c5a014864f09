// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
  private final SparkSession spark;
  private final TrainRequest request;
  private final Map<Split, RowSet> data = new EnumMap<>(Split.class);
  private final RowSet train;
  private final RowTask task;
  private final RowEncoder encoder;
  private final Metric metric;
  private final RowShards folder;
  private final Broadcast<RowEncoder> shared;
  private final ExampleShards shards;

  /**
   * Reads, counts and encodes the rows, as Spark jobs.
   *
   * @throws InputException if data cannot be used
   */
  TrainingRows(SparkSession spark, RowTask asked, TrainRequest request, Terminal terminal) {
    this.spark = spark;
    this.request = request;
    TrainRequest.Rows told = rows();
    RowSet all = open(told.inputs(), 0);
    long seed = request.train().seed();
    double held = told.validFraction();
    train = held > 0 ? all.part(seed, held, false) : all;
    data.put(Split.TRAIN, train);
    if (held > 0) {
      data.put(Split.VALID, all.part(seed, held, true));
    } else if (!told.valid().isEmpty()) {
      data.put(Split.VALID, open(told.valid(), train.channels()));
    }
    if (!told.test().isEmpty()) {
      data.put(Split.TEST, open(told.test(), train.channels()));
    }
    Map<String, Long> labels = asked.labels(train);
    requireChoice(asked, labels);
    task = asked.informed(train, labels);
    RowEncoder known = encoder(labels);
    encoder = told.unseenAreWrong() ? known.withUnseen(unseen(known, terminal)) : known;
    metric = task.metric(encoder);
    folder = new RowShards(told.shardsFolder(), HadoopFiles.configuration());
    shared = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(encoder);
    ExampleShards.Encoded learnt;
    try {
      learnt = encode(Split.TRAIN);
      // Those to test only to find rows that cannot be used before the training instead of behind.
      data.keySet().stream().skip(1).forEach(this::encode);
      int rounds = BucketBatcher.rounds(learnt.examples(), request.train().batch());
      long bytes = learnt.steps() * Float.BYTES * (1 + features());
      Set<Split> splits = EnumSet.copyOf(data.keySet());
      splits.remove(Split.TEST);
      shards = new ExampleShards(task, request.train(), rounds, splits, bytes, folder, shared);
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

  private RowSet open(List<String> paths, int channels) {
    TrainRequest.Rows told = rows();
    return PreparedRows.open(
        spark, told.input().at(paths), told.choice(), told.splitter(), channels);
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
    TrainRequest.Rows told = rows();
    List<Vocabulary> vocabularies = new ArrayList<>();
    for (int c = 0; c < train.columns().text().size(); c++) {
      // Of all tokenizers, that of characters alone has no end of line among its tokens.
      vocabularies.add(
          new VocabularyChoice("char", told.vocabularySize(), told.minCount(), true)
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
    return new RowEncoder(vocabularies, characters, names, labels, statistics, told.maxLength());
  }

  /** Returns the labels that only validation and test rows have. */
  private List<String> unseen(RowEncoder known, Terminal terminal) {
    Set<String> unseen = new LinkedHashSet<>();
    for (RowSet heldOut : data.values().stream().skip(1).toList()) {
      RowTask.UnseenLabels found = RowTask.UnseenLabels.of(heldOut, task, known);
      unseen.addAll(found.names());
      if (found.count() > 0) {
        terminal.note(found.describe());
      }
    }
    return List.copyOf(unseen);
  }

  private ExampleShards.Encoded encode(Split split) {
    return new ExampleShards.Encoding(task, shared, split, folder)
        .of(data.get(split), request.train().shards(), rows().input().onBadRow());
  }

  private long skipped() {
    return data.values().stream().mapToLong(RowSet::skipped).sum();
  }

  @Override
  public Facts facts() {
    NetworkChoice choice = request.network();
    HeadSpec head = task.head(encoder, choice);
    return new Facts(
        amount(),
        data.values().stream().map(RowSet::hash).collect(Collectors.joining(" ")),
        columns(),
        TaskModel.fields(
            TaskModel.Columns.of(task, encoder, train, rows().splitter(), rows().input())),
        Json.fields("train_rows", train.count(), "skipped_rows", skipped()),
        encoder.vocabularies(),
        encoder.characters(),
        choice.reader(encoder, head, features(), request.frozen()));
  }

  private String amount() {
    StringBuilder text = new StringBuilder(Figures.count(train.count(), "row")).append(" to learn");
    text.append(" of ").append(Figures.count(train.steps(), "step"));
    text.append(TrainingData.heldOut(data, RowSet::count));
    if (!encoder.labels().isEmpty()) {
      text.append(", ").append(Figures.count(encoder.labels().size(), "label"));
    }
    return text.append('.').toString();
  }

  /** Returns the columns, however they were found. */
  private Map<String, Object> columns() {
    String text = String.join(",", train.columns().text());
    String features = String.join(",", train.columns().features());
    Map<String, Object> settings = Json.fields("text", text, "features", features);
    if (train.columns().label() != null) {
      settings.put("label", train.columns().label());
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
  public Outcome unfinished(EpochMetrics best) {
    double loss = best.watched().mean();
    Map<String, Object> results = Json.fields("best_epoch", best.epoch(), "loss", loss);
    Measure measure = task.measure();
    List<Report.Figure> page = new ArrayList<>();
    Split watched = best.valid() == null ? Split.TRAIN : Split.VALID;
    if (watched == Split.VALID) {
      page.add(Score.figure(measure.value(best), measure.words(), name(watched)));
    }
    page.add(Score.figure(loss, measure.lossUnit(), name(watched)));
    return new Outcome(results, page);
  }

  /** Returns what people call a split. */
  private static String name(Split split) {
    return switch (split) {
      case TRAIN -> "training";
      case VALID -> "validation";
      case TEST -> "test";
    };
  }

  /** Scores what is held out, after the task has learnt what it learns itself. */
  @Override
  public Outcome finished(TrainResult training, double seconds, long peakMemory) {
    int beam = request.network().beam();
    ModelInHand trained =
        new ModelInHand(task, encoder, facts().network(), training.params(), beam);
    RowTask finished = task.finished(spark, trained, train);
    ModelInHand model = new ModelInHand(finished, encoder, trained.spec(), trained.params(), beam);
    EpochMetrics best = training.epochs().get(training.bestEpoch() - 1);
    Map<String, Object> figures = Json.fields("train_loss", best.train().mean());
    Map<String, String> lines = new LinkedHashMap<>();
    List<Report.Table> tables = List.of();
    Measure measure = task.measure();
    List<Report.Figure> page = new ArrayList<>();
    for (Split split : List.of(Split.VALID, Split.TEST)) {
      if (data.containsKey(split)) {
        Score score = EvaluateJob.rows(spark, model, data.get(split), rows().input().onBadRow());
        boolean ofTest = split == Split.TEST;
        score
            .figures()
            .forEach((name, value) -> figures.put((ofTest ? "test_" : "") + name, value));
        figures.put(ofTest ? "test_rows" : "valid_rows", score.scored());
        figures.put(ofTest ? "test_skipped" : "valid_skipped", score.skipped());
        lines.put(name(split), score.words());
        tables = score.tables(name(split) + " data");
        // What was never used to choose anything comes first.
        page.addAll(0, score.page(measure, name(split)));
      }
    }
    page.add(Score.figure(best.train().mean(), measure.lossUnit(), name(Split.TRAIN)));
    page.addAll(
        Report.Figure.costs(training.tokensPerSecond(), measure.counted(), seconds, peakMemory));
    Map<String, Object> results = Json.fields("best_epoch", training.bestEpoch());
    results.putAll(figures);
    Map<String, Tensor> tensors = finished.tensors();
    return new Outcome(results, figures, lines, page, tables, List.of(), tensors);
  }

  @Override
  public void close() {
    data.values().forEach(RowSet::close);
    shared.destroy();
    folder.remove();
  }
}
