// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Trainer;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.store.HadoopFiles;

/** Trains a model of a reading task, from rows to a model folder. */
public final class ReadingJob {
  private final SparkSession spark;
  private final ReadingRequest request;
  private final Terminal terminal;

  /** A job to run once. */
  public ReadingJob(SparkSession spark, ReadingRequest request, Terminal terminal) {
    this.spark = spark;
    this.request = request;
    this.terminal = terminal;
  }

  /**
   * Trains; see {@link TrainingCourse#run}.
   *
   * @throws org.unroll.rnn.io.InputException if data, options or folders cannot be used
   */
  public ReadingResult run() {
    TrainingCourse course = new TrainingCourse(spark, request.run(), terminal);
    RowShards folder = new RowShards(request.shardsFolder(), HadoopFiles.configuration());
    try (ReadingSplits splits = ReadingSplits.open(spark, request)) {
      boolean wrong = request.data().onUnseenLabel() == OnUnseenLabel.WRONG;
      ReadingSplits all = wrong ? splits.withUnseenLabels(terminal::note) : splits;
      Broadcast<RowEncoder> encoder =
          JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(all.encoder());
      try {
        return train(course, all, folder, encoder);
      } finally {
        encoder.destroy();
      }
    } finally {
      folder.remove();
    }
  }

  private ReadingResult train(
      TrainingCourse course,
      ReadingSplits splits,
      RowShards folder,
      Broadcast<RowEncoder> encoder) {
    TrainSpec train = request.run().train();
    ShardSummary learnt = encode(encoder, splits.train(), Split.TRAIN, folder);
    Set<Split> held = EnumSet.of(Split.TRAIN);
    if (splits.valid() != null) {
      encode(encoder, splits.valid(), Split.VALID, folder);
      held.add(Split.VALID);
    }
    if (splits.test() != null) {
      // Only to find rows that cannot be used before the training instead of behind it.
      encode(encoder, splits.test(), Split.TEST, folder);
    }
    if (splits.skipped() + learnt.unusable() > 0) {
      terminal.note(
          Figures.count(splits.skipped() + learnt.unusable())
              + " rows that cannot be used were left out.");
    }
    ReadingTask task = splits.encoder().task();
    int features = splits.encoder().channels() * (task.missing() ? 2 : 1);
    boolean frozen = train.init().frozenEmbedding();
    ReaderSpec spec = request.network().spec(splits.encoder(), splits.labels(), features, frozen);
    ReaderModel model = new ReaderModel(spec);
    long shards = (train.shards() + course.workers() - 1) / course.workers();
    long gradients = 2L + Long.SIZE - Long.numberOfLeadingZeros(shards);
    course.describe(
        splits.describe(),
        request.network().describe(),
        model.layout().size(),
        Float.BYTES * gradients * model.layout().size()
            + learnt.steps() * 4 * (1 + features) / train.shards() * shards);
    Metric metric = task.metric(splits.encoder());
    RunIdentity run = identity(splits);
    int rounds = BucketBatcher.rounds(learnt.examples(), train.batch());
    Measure measure = measure(task);
    return course.run(
        run,
        new ReaderWork(spec, train, metric, rounds, held, folder, encoder),
        new Trainer(model, train, score(task, metric)),
        start(model, splits),
        measure,
        new ReadingFiles(spark, course.folder(), request, splits, spec, measure, run),
        EpochView.NONE);
  }

  private ShardSummary encode(
      Broadcast<RowEncoder> encoder, RowSet data, Split split, RowShards folder) {
    return ShardEncoding.run(
        data,
        encoder,
        split,
        request.run().train().shards(),
        folder,
        request.data().input().onBadRow());
  }

  private RunIdentity identity(ReadingSplits splits) {
    Map<String, Object> settings = new LinkedHashMap<>(request.run().settings());
    settings.put("text", String.join(",", splits.train().textColumns()));
    settings.put("features", String.join(",", splits.train().featureColumns()));
    if (splits.train().labelColumn() != null) {
      settings.put("label", splits.train().labelColumn());
    }
    return new RunIdentity(splits.hash(), settings).startingFrom(request.embeddings());
  }

  /** The parameters where vectors start from given ones; null to draw all. */
  private float[] start(ReaderModel model, ReadingSplits splits) {
    EmbeddingStart embeddings = request.embeddings();
    if (embeddings == null) {
      return null;
    }
    Vocabulary vocabulary = splits.encoder().vocabularies().get(0);
    terminal.note(embeddings.coverage(vocabulary).describe(embeddings.path()));
    return embeddings.params(model, request.run().train(), vocabulary);
  }

  private static ToDoubleFunction<double[]> score(ReadingTask task, Metric metric) {
    return sums -> task.watched().score(metric.figures(sums));
  }

  private static Measure measure(ReadingTask task) {
    String name = task.watched().figure();
    boolean error = task.watched().error();
    return new Measure(
        task.lossUnit(),
        task.counted(),
        name,
        epoch -> error ? -epoch.score() : epoch.score(),
        Figures::fine);
  }
}
