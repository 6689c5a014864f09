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
import java.util.function.ToLongFunction;
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
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.corpus.BytePairs;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.corpus.PreparedRows;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.task.EvaluateJob.Score;

/** The rows that a task is trained on: what is learnt and what is held out. */
final class TrainingRows implements TrainingData {
  /** So many labels that occur once each are no classes. */
  private static final int MANY_LABELS = 50;

  private final SparkSession spark;
  private final TrainRequest request;
  private final TrainRequest.Rows told;

  /** How the files were written that the rows to learn are from. */
  private final RowsInput.Form form;

  /** The model whose tokens and labels these are, with new ones; null for none. */
  private final ModelStart growing;

  private final Map<Split, RowSet> data = new EnumMap<>(Split.class);
  private final RowSet train;
  private final RowTask task;
  private final RowEncoder encoder;
  private final Metric metric;
  private final RowShards folder;
  private final Broadcast<RowEncoder> shared;
  private final ExampleShards shards;

  /** Rows that were held out, for examples of answers: while workers work, no job would run. */
  private final List<SequenceRow> shown;

  private final Map<Split, ExampleShards.Encoded> encoded = new EnumMap<>(Split.class);

  /**
   * Reads, counts and encodes the rows, as Spark jobs.
   *
   * @throws InputException if data cannot be used
   */
  TrainingRows(SparkSession spark, RowTask asked, TrainRequest request, Terminal terminal) {
    this.spark = spark;
    this.request = request;
    RowsInput input = request.data().input();
    PreparedCorpus prepared =
        input.frameOrNull() == null
            ? PreparedCorpus.findOrNull(input.paths(), spark.sparkContext().hadoopConfiguration())
            : null;
    told = complete((TrainRequest.Rows) request.data(), prepared);
    form = prepared == null ? told.input().form() : prepared.form();
    RowSet all = open(told.inputs(), told.input().targets(), 0);
    boolean classes = asked instanceof Classify;
    Map<String, Long> known = classes ? asked.labels(all) : Map.of();
    requireClasses(known, all.count());
    divide(all, known);
    RowSet whole = data.get(Split.TRAIN);
    growing = ModelStart.growingOrNull(request.start());
    if (growing != null) {
      growing.requireTask(asked.name());
      growing.requireRows(whole, told.splitter());
    }
    Demand.requireShards(request.train().shards(), whole.count(), "rows to learn");
    Sides target = asked instanceof Writing ? Sides.of(whole, told, growing, prepared) : null;
    if (target != null && target.source() != null && target.source().pairs() != null) {
      data.replaceAll((split, rows) -> rows.cut(target.source()::tokens));
    }
    train = data.get(Split.TRAIN);
    Map<String, Long> found = classes && whole == all ? known : asked.labels(train);
    Map<String, Long> labels = growing == null ? found : growing.labels(found, terminal);
    requireChoice(asked, labels);
    task = asked.informed(train, labels);
    RowEncoder learning = encoder(labels, target);
    encoder = told.unseenAreWrong() ? learning.withUnseen(unseen(learning, terminal)) : learning;
    ModelInHand.requireTokens(request.network().search(), encoder);
    metric = task.metric(encoder);
    // Before rows are encoded for it, since that may take long.
    request.demand(spark, 1).require(NetworkSize.of(network()), 0);
    folder = new RowShards(told.shardsFolder(), HadoopFiles.configuration());
    shared = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(encoder);
    try {
      // Those to test only to find rows that cannot be used before the training instead of behind.
      data.keySet().forEach(this::encode);
      ExampleShards.Encoded learnt = encoded.get(Split.TRAIN);
      int rounds = BucketBatcher.rounds(learnt.examples(), request.train().batch());
      long bytes = learnt.steps() * Float.BYTES * (1 + task.features(encoder));
      Set<Split> splits = EnumSet.copyOf(data.keySet());
      splits.remove(Split.TEST);
      shards =
          new ExampleShards(task, request.train(), learnt, rounds, splits, bytes, folder, shared);
      RowSet held = data.getOrDefault(Split.VALID, data.get(Split.TEST));
      shown = held == null ? List.of() : PageExamples.first(held);
    } catch (Exception e) { // those of Spark are checked ones that nobody declares
      Slots.awaitIdle(JavaSparkContext.fromSparkContext(spark.sparkContext()));
      close();
      throw e;
    }
    long unused = skipped() + sum(some -> some.unusable().count());
    tellLeftOut(unused, "that cannot be used", terminal);
    tellLeftOut(sum(ExampleShards.Encoded::blank), "without anything to be told", terminal);
  }

  /** Finds what is learnt and what is held out. */
  private void divide(RowSet all, Map<String, Long> labels) {
    if (told.held() != null) {
      told.held().splits().forEach(split -> data.put(split, all.part(told.held(), split)));
      return;
    }
    double held = told.validFraction();
    List<RowSet> parts = held > 0 ? all.split(request.train().seed(), held, labels) : List.of(all);
    data.put(Split.TRAIN, parts.get(0));
    if (held > 0) {
      data.put(Split.VALID, parts.get(1));
    } else if (!told.valid().isEmpty()) {
      data.put(Split.VALID, open(told.valid(), told.validTargets(), all.channels()));
    }
    if (!told.test().isEmpty()) {
      data.put(Split.TEST, open(told.test(), told.testTargets(), all.channels()));
    }
  }

  private long sum(ToLongFunction<ExampleShards.Encoded> part) {
    return encoded.values().stream().mapToLong(part).sum();
  }

  private static void tellLeftOut(long rows, String which, Terminal terminal) {
    if (rows > 0) {
      terminal.note(
          "%s %s %s left out."
              .formatted(Figures.count(rows, "row"), which, rows == 1 ? "was" : "were"));
    }
  }

  /** Returns the rows with the number of byte pairs, if nothing was said of that. */
  private static TrainRequest.Rows complete(TrainRequest.Rows asked, PreparedCorpus prepared) {
    if (asked.vocabularySize() != null) {
      return asked;
    }
    boolean has = prepared != null && prepared.pairs() != null;
    return asked.with(has ? prepared.vocabularySize() : BytePairs.USUAL);
  }

  private RowSet open(List<String> paths, List<String> targets, int channels) {
    return PreparedRows.open(
        spark, told.input().at(paths, targets), told.choice(), told.splitter(), channels);
  }

  /** Refuses what is a name of each row rather than its class. */
  private static void requireClasses(Map<String, Long> labels, long rows) {
    long once = labels.values().stream().filter(count -> count == 1).count();
    if (labels.size() > MANY_LABELS && once > 0.9 * labels.size()) {
      throw new InputException(
          ("Are these classes? The %s have %s different labels, of which %s occur once, so that"
                  + " nothing can be learnt from one row for another. Name another column with"
                  + " --label, or give rows that share labels.")
              .formatted(
                  Figures.count(rows, "row"),
                  Figures.count(labels.size()),
                  once == labels.size() ? "all" : Figures.count(once)));
    }
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

  private RowEncoder encoder(Map<String, Long> labels, Sides target) {
    List<Vocabulary> vocabularies = new ArrayList<>();
    if (target != null && target.source() != null) {
      vocabularies.add(target.source().vocabulary());
    }
    for (int c = vocabularies.size(); c < train.columns().text().size(); c++) {
      vocabularies.add(vocabulary(c));
    }
    if (request.embeddings() != null && vocabularies.isEmpty()) {
      throw new InputException(
          "--embeddings has vectors of words, but the rows have no column of text: name it with"
              + " --text, or leave --embeddings out.");
    }
    Vocabulary characters =
        request.network().characterEmbedding() == 0 || vocabularies.isEmpty()
            ? null
            : characters(vocabularies.get(0));
    ChannelStatistics statistics = train.channels() == 0 ? null : statistics();
    List<String> names = List.copyOf(labels.keySet());
    return new RowEncoder(
        vocabularies,
        characters,
        target == null ? null : target.target(),
        names,
        labels,
        statistics,
        told.maxLength());
  }

  private Vocabulary vocabulary(int column) {
    if (growing != null) {
      Vocabulary before = growing.model().vocabularies().get(column);
      return growing.growth().of(before).from(train.tokens(column));
    }
    // Of all tokenizers, that of characters alone has no end of line among its tokens.
    return new VocabularyChoice("char", told.vocabularySize(), told.minCount(), true)
        .from(train.tokens(column), train.steps());
  }

  private Vocabulary characters(Vocabulary words) {
    Vocabulary all = RowEncoder.charactersOf(words);
    return growing == null ? all : Growth.characters(growing.model().characters(), all);
  }

  private ChannelStatistics statistics() {
    return growing == null
        ? train.statistics()
        : TaskModel.of(growing.model()).encoder().statistics();
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

  private void encode(Split split) {
    ExampleShards.Encoding encoding = new ExampleShards.Encoding(task, shared, split, folder);
    int count = request.train().shards();
    encoded.put(split, encoding.of(data.get(split), count, told.input().onBadRow()));
    folder.requireSeen(split, count);
  }

  private long skipped() {
    return data.values().stream().mapToLong(RowSet::skipped).sum();
  }

  @Override
  public Facts facts() {
    return new Facts(
        amount(),
        data.values().stream().map(RowSet::hash).collect(Collectors.joining(" ")),
        settings(),
        TaskModel.fields(TaskModel.Columns.of(task, encoder, train, told.splitter(), form)),
        Json.fields("train_rows", train.count(), "skipped_rows", skipped()),
        encoder.vocabularies(),
        encoder.characters(),
        encoder.target() == null ? null : encoder.target().vocabulary(),
        network());
  }

  private NetworkSpec network() {
    NetworkChoice choice = request.network();
    HeadSpec head = task.head(encoder, choice);
    return choice.reader(encoder, head, task.features(encoder), request.frozen());
  }

  private String amount() {
    long learnt = encoded.get(Split.TRAIN).rows();
    StringBuilder text = new StringBuilder(Figures.count(learnt, "row")).append(" to learn");
    text.append(" of ").append(Figures.count(train.steps(), "step"));
    text.append(TrainingData.heldOut(encoded, ExampleShards.Encoded::rows));
    if (!encoder.labels().isEmpty()) {
      text.append(", ").append(Figures.count(encoder.labels().size(), "label"));
    }
    return text.append('.').toString();
  }

  /** Returns the columns, however they were found, and how many tokens there may be. */
  private Map<String, Object> settings() {
    String text = String.join(",", train.columns().text());
    String features = String.join(",", train.columns().features());
    Map<String, Object> settings =
        Json.fields("text", text, "features", features, "vocab_size", told.vocabularySize());
    if (train.columns().label() != null) {
      settings.put("label", train.columns().label());
    }
    return settings;
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
  public Outcome unfinished(EpochMetrics best, float[] params) {
    double loss = best.watched().mean();
    Map<String, Object> results = Json.fields("best_epoch", best.epoch(), "loss", loss);
    Measure measure = task.measure();
    List<Report.Figure> page = new ArrayList<>();
    Split watched = best.valid() == null ? Split.TRAIN : Split.VALID;
    if (watched == Split.VALID && !Double.isNaN(measure.value(best))) {
      page.add(Score.figure(measure.value(best), measure.words(), name(watched)));
    }
    page.add(Score.figure(loss, measure.lossUnit(), name(watched)));
    return new Outcome(results, page, List.of(), examples(inHand(params)));
  }

  private ModelInHand inHand(float[] params) {
    return new ModelInHand(task, encoder, network(), params, request.network().search());
  }

  /** Returns examples of what a model answers, of the rows that were read for that. */
  private List<Report.Example> examples(ModelInHand model) {
    return new PageExamples(model, told.splitter()).some(shown);
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
    ModelInHand trained = inHand(training.params());
    RowTask finished = task.finished(spark, trained, train);
    ModelInHand model =
        new ModelInHand(finished, encoder, trained.spec(), trained.params(), trained.search());
    EpochMetrics best = training.epochs().get(training.bestEpoch() - 1);
    Map<String, Object> figures = Json.fields("train_loss", best.train().mean());
    Map<String, String> lines = new LinkedHashMap<>();
    Findings findings = Findings.NONE;
    Measure measure = task.measure();
    List<Report.Figure> page = new ArrayList<>();
    for (Split split : List.of(Split.VALID, Split.TEST)) {
      if (data.containsKey(split)) {
        Score score = EvaluateJob.rows(spark, model, data.get(split), told.input().onBadRow());
        boolean ofTest = split == Split.TEST;
        score
            .figures()
            .forEach((name, value) -> figures.put((ofTest ? "test_" : "") + name, value));
        figures.put(ofTest ? "test_rows" : "valid_rows", score.scored());
        figures.put(ofTest ? "test_skipped" : "valid_skipped", score.skipped());
        lines.put(name(split), score.wordsOfAll());
        findings = score.findings().named(name(split) + " data");
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
    return new Outcome(
        false, results, figures, lines, page, findings, List.of(), examples(model), tensors);
  }

  @Override
  public void close() {
    data.values().forEach(RowSet::close);
    shared.destroy();
    folder.remove();
  }
}
