// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.rnn.embed.SkipGramTrainer;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.train.Window;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.SumKind;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowsInput;

/** Learns word vectors from text, and tells its progress to a terminal. */
public record EmbedJob(SparkSession spark, Request request, Terminal terminal) {

  /**
   * Word vectors to be learnt.
   *
   * @param input files of the text, or a prepared corpus
   * @param columns name the column of text where the files are tables
   * @param vocabularySize most words, 0 for no limit; null if nothing was said
   * @param minCount least occurrences of a word; null if nothing was said
   * @param method by which
   * @param spec how; MLlib takes of it the size, the window, the epochs, the rate and the seed
   * @param rounds where the shards live
   * @param sum where their sums are added
   * @param workers Spark tasks, which MLlib calls partitions; 0 for as many as can work
   */
  public record Request(
      RowsInput input,
      ColumnChoice columns,
      Integer vocabularySize,
      Long minCount,
      Method method,
      SkipGramSpec spec,
      RoundsKind rounds,
      SumKind sum,
      int workers) {}

  /** The methods of learning word vectors. */
  public enum Method {
    /** Skip-gram with negative sampling in synchronous rounds, on our kernels. */
    SKIPGRAM(0.035),
    /** Word2Vec of Spark MLlib: skip-gram with hierarchical softmax. */
    MLLIB(0.025);

    private final double lr;

    Method(double lr) {
      this.lr = lr;
    }

    /** Returns the learning rate that is used where none is asked for. */
    public double usualRate() {
      return lr;
    }
  }

  /**
   * The result of learning word vectors.
   *
   * @param vectors of all words of the vocabulary
   * @param words of the text that have a vector, counted once
   * @param epochs passes over them
   * @param workers how many tasks worked
   * @param seconds from the known vocabulary to the last vector
   * @param loss of the last epoch, nats a pair; NaN where the method does not tell
   * @param hash of the text
   * @param vocabularySize the most words, 0 for no limit
   * @param minCount least occurrences of a word
   */
  public record Result(
      WordVectors vectors,
      long words,
      int epochs,
      int workers,
      double seconds,
      double loss,
      String hash,
      int vocabularySize,
      long minCount) {

    /** Returns the words of text that were learnt from in a second, every epoch counted. */
    public double wordsPerSecond() {
      return epochs * (double) words / seconds;
    }

    /** Returns the figures by their names in JSON. */
    public Map<String, Object> figures() {
      return Json.fields(
          "types", vectors.words(),
          "size", vectors.size(),
          "words", words,
          "epochs", epochs,
          "workers", workers,
          "loss", loss,
          "words_per_second", wordsPerSecond(),
          "seconds", seconds);
    }
  }

  /**
   * Reads the text and learns its vectors.
   *
   * @throws org.unroll.rnn.io.InputException if the text or the options cannot be used
   */
  public Result run() {
    EmbedText text = EmbedText.open(spark, request);
    long words = text.count();
    Demand.requireShards(request.spec().shards(), words, "words to learn");
    int workers = workers();
    terminal.note(
        "%s of %s; %s"
            .formatted(
                Figures.count(words, "word"),
                Figures.count(text.words().size(), "type"),
                describe(workers)));
    double numbers = 2.0 * text.words().size() * request.spec().size();
    new Demand(spark.sparkContext().getConf(), 1, 1, 0, "--embedding or --vocab-size", "--batch")
        .require(new NetworkSize(numbers, 0, 0, 0), 0);
    long start = System.nanoTime();
    Epochs epochs = new Epochs(words);
    float[] values =
        switch (request.method()) {
          case SKIPGRAM -> skipGram(text, workers, epochs);
          case MLLIB -> MllibVectors.fit(context(), text, request.spec(), workers);
        };
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        new WordVectors(text.words(), request.spec().size(), values),
        words,
        request.spec().epochs(),
        workers,
        seconds,
        epochs.lastLoss,
        text.hash(),
        text.vocabularySize(),
        text.minCount());
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return MllibVectors.kryoClasses();
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  private float[] skipGram(EmbedText text, int workers, Epochs epochs) {
    SkipGramWork work = SkipGramWork.of(text, request.spec());
    try (ClusterRounds rounds = request.rounds().create(context(), workers, work, request.sum())) {
      rounds.describeSums().ifPresent(terminal::note);
      SkipGramSpec spec = request.spec();
      float[] sides = new SkipGramTrainer(work.model(), spec, work.counts()).fit(rounds, epochs);
      return PrincipalAxes.reduce(sides, 2 * spec.size(), spec.size());
    }
  }

  private int workers() {
    int slots = Slots.of(spark.sparkContext().getConf()).orElse(request.spec().shards());
    int wanted = request.workers() > 0 ? request.workers() : Math.max(1, slots);
    return request.method() == Method.MLLIB ? wanted : Math.min(wanted, request.spec().shards());
  }

  private String describe(int workers) {
    return request.method() == Method.MLLIB
        ? "MLlib's Word2Vec, %s.".formatted(Figures.count(workers, "partition"))
        : "skip-gram, %s on %s; kernels: %s."
            .formatted(
                Figures.count(request.spec().shards(), "shard"),
                Figures.count(workers, "worker"),
                Ops.describeKernels());
  }

  /** Shows how far the training is, and keeps the loss of the last epoch. */
  private final class Epochs implements SkipGramTrainer.Listener {
    private final long words;
    private final long start = System.nanoTime();
    private Loss loss = Loss.ZERO;
    private double lastLoss = Double.NaN;

    Epochs(long words) {
      this.words = words;
    }

    @Override
    public void round(Window window, int windows, Loss more) {
      loss = loss.plus(more);
      double done = window.epoch() + (window.index() + 1.0) / windows;
      double rate = done * words / ((System.nanoTime() - start) / 1e9);
      String line =
          "epoch %d/%d  loss %s  %s words/s"
              .formatted(
                  window.epoch() + 1,
                  request.spec().epochs(),
                  Figures.loss(loss.mean()),
                  Figures.rate(rate));
      if (window.index() + 1 < windows) {
        terminal.status(line);
      } else {
        terminal.note(line);
        lastLoss = loss.mean();
        loss = Loss.ZERO;
      }
    }
  }
}
