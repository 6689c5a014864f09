// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.optim.aggregator.MultinomialLogisticBlockAggregator;
import org.apache.spark.ml.stat.MultiClassSummarizer;
import org.apache.spark.ml.stat.SummarizerBuffer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Evaluator;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.report.ByLength;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.SequenceRow;
import scala.Tuple2;

/**
 * Scores a model of any task on data that it was not trained on, as a Spark job: the losses and
 * metrics are added up by the same {@link Evaluator} as those of the validation during a training.
 */
public final class EvaluateJob {
  /** The most tasks that score the streams of a text; a part of the result's last bits. */
  private static final int MOST_SHARDS = 64;

  private EvaluateJob() {}

  /**
   * A score says how good a model's answers for some data are.
   *
   * @param figures by the names that commands print
   * @param words the figures for people, in a line
   * @param findings what was found beside them
   * @param scored tokens of a text, or rows
   * @param skipped rows that cannot be used, or have nothing to be compared with
   * @param unknown the tokens that the model does not know
   */
  public record Score(
      Map<String, Object> figures,
      String words,
      Findings findings,
      long scored,
      long skipped,
      UnknownTokens unknown) {

    /**
     * Returns the score of a text, as {@code loss}, {@code perplexity} and {@code bits_per_token}.
     */
    static Score ofText(Loss loss, long tokens, UnknownTokens unknown) {
      ModelInHand.requireNumber(loss.sum());
      double mean = loss.mean();
      double perplexity = Math.exp(mean);
      double bits = mean / Math.log(2);
      Map<String, Object> figures =
          Json.fields(
              "loss", mean,
              "perplexity", perplexity,
              "bits_per_token", bits);
      String words =
          "%s nats per token, perplexity %s, %s bits per token"
              .formatted(Figures.loss(mean), Figures.perplexity(perplexity), Figures.loss(bits));
      return new Score(figures, words, Findings.NONE, tokens, 0, unknown);
    }

    /**
     * Returns the score of rows, in words as in {@code loss 0.2519, accuracy 0.9107}. A figure that
     * these rows do not tell, such as the AUC of rows of one class, is null and named so in words.
     */
    private static Score ofRows(RowTask task, RowEncoder encoder, Part all, long skipped) {
      ModelInHand.requireNumber(all.sum.loss().sum());
      double loss = all.sum.loss().mean();
      double[] sums = all.sum.sums();
      Map<String, Object> figures = Json.fields("loss", loss);
      figures.putAll(task.figures(loss, sums, encoder));
      String words =
          figures.entrySet().stream()
              .map(figure -> figure.getKey() + " " + words((double) figure.getValue()))
              .map(text -> text.replace('_', ' '))
              .collect(Collectors.joining(", "));
      figures.replaceAll((name, value) -> Double.isNaN((double) value) ? null : value);
      Findings findings = task.findings(sums, encoder);
      if (!findings.lengths().isEmpty()) {
        figures.put(ByLength.NAME, findings.lengths().json());
      }
      return new Score(figures, words, findings, all.rows, skipped, all.unknown);
    }

    private static String words(double figure) {
      return Double.isNaN(figure) ? "not told by these rows" : Figures.fine(figure);
    }

    /** Returns the same in words with how many rows were left out, if any were. */
    String wordsOfAll() {
      return skipped == 0
          ? words
          : "%s; %s scored, %s left out"
              .formatted(words, Figures.count(scored, "row"), Figures.count(skipped));
    }

    /**
     * Returns the score of rows as the page of a model has it, the measure of its training first.
     */
    public List<Report.Figure> page(Measure measure, String of) {
      Map<String, Object> values = new LinkedHashMap<>(figures);
      Object loss = values.remove("loss");
      // Those of forecasts that need no model stand beside the model's in a table.
      values.keySet().removeIf(name -> name.startsWith("naive_") || name.startsWith("seasonal_"));
      values.values().removeIf(value -> !(value instanceof Double)); // null, and those by length
      List<Report.Figure> page = new ArrayList<>();
      Object first = measure.followsLoss() ? null : values.remove(measure.name());
      if (first != null) {
        page.add(figure((double) first, measure.words(), of));
      }
      values.forEach((name, value) -> page.add(figure((double) value, Figures.name(name), of)));
      if (loss != null) {
        page.add(figure((double) loss, measure.lossUnit(), of));
      }
      if (skipped > 0) {
        page.add(new Report.Figure(Figures.count(skipped), "rows left out, " + of));
      }
      return page;
    }

    /** Returns a score or an error with what it means and which rows it is of. */
    static Report.Figure figure(double value, String meaning, String of) {
      return new Report.Figure(Figures.fine(value), meaning + ", " + of);
    }
  }

  /**
   * What a model comes to in a comparison.
   *
   * @param score of all rows, or of the text
   * @param blocks how wrong it is about each block, by the block's number
   */
  record Judged(Score score, SortedMap<Long, BlockErrors> blocks) {}

  /** The sum over a partition's rows. */
  @DefaultSerializer(JavaSerializer.class)
  private static final class Part implements Serializable {
    private static final long serialVersionUID = 1L;

    private Evaluation sum;
    private long rows;
    private long blank;
    private UnknownTokens unknown = UnknownTokens.NONE;
    private RowTask.Unusable unusable = RowTask.Unusable.NONE;

    /** Of a comparison: how wrong the model is about the rows of each block. */
    private SortedMap<Long, BlockErrors> blocks = new TreeMap<>();

    private Part(Evaluation sum) {
      this.sum = sum;
    }

    private static Part of(ModelInHand model, Iterator<SequenceRow> rows, Dealing dealing) {
      Part part = new Part(Evaluation.NONE);
      RowTask task = (RowTask) model.task();
      ModelInHand.Reading reading = model.reading();
      Metric metric = task.scoring(model.encoder());
      Dealing.Dealt dealt =
          dealing == null ? null : dealing.over(metric, task.measure(), model.encoder().labels());
      Evaluator evaluator = reading.evaluator(dealt == null ? metric : dealt);
      Iterator<List<ModelInHand.Item<SequenceRow>>> batches =
          reading.batches(rows, row -> part.usable(row, task, model.encoder()));
      while (batches.hasNext()) {
        List<ModelInHand.Item<SequenceRow>> some = batches.next();
        if (dealt != null) {
          dealt.expect(some);
        }
        reading.evaluate(evaluator, some);
        long known = some.stream().filter(item -> item.example().isKnown()).count();
        part.rows += known;
        part.blank += some.size() - known;
      }
      part.sum = evaluator.evaluation();
      part.blocks = dealt == null ? part.blocks : dealt.blocks();
      return part;
    }

    /** Returns the same without blocks, which are many. */
    private Part whole() {
      Part part = new Part(sum);
      part.add(this);
      return part;
    }

    /** Returns what is read of a row; a row that cannot be scored is counted. */
    private Optional<Example> usable(SequenceRow row, RowTask task, RowEncoder encoder) {
      try {
        Example example = task.toScore(row, encoder);
        unknown = unknown.plus(task.unknown(row, encoder));
        return Optional.of(example);
      } catch (RowTask.UnusableRowException e) {
        unusable = unusable.plus(RowTask.Unusable.of(row, e));
        return Optional.empty();
      }
    }

    private void add(Part other, Metric metric) {
      double[] sums = metric.plus(sum.sums(), other.sum.sums());
      sum = new Evaluation(sum.loss().plus(other.sum.loss()), sums);
      add(other);
    }

    /** Adds what was counted beside the sums. */
    private void add(Part other) {
      rows += other.rows;
      blank += other.blank;
      unknown = unknown.plus(other.unknown);
      unusable = unusable.plus(other.unusable);
    }
  }

  /**
   * Reads and scores all rows.
   *
   * @throws InputException if a row cannot be used and those are not to be left out, or none is
   *     left
   */
  public static Score rows(
      SparkSession session, TaskModel model, RowSet data, Search search, OnBadRow onBadRow) {
    return rows(session, model.inHand(search), data, onBadRow);
  }

  static Score rows(SparkSession session, ModelInHand model, RowSet data, OnBadRow onBadRow) {
    return rows(session, model, data, onBadRow, null).score();
  }

  /**
   * Reads and scores all rows, those of each block as well.
   *
   * @param dealing of the rows among blocks and parts; null for none
   */
  static Judged rows(
      SparkSession session, ModelInHand model, RowSet data, OnBadRow onBadRow, Dealing dealing) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<ModelInHand> shared = spark.broadcast(model);
    JavaRDD<Part> parts =
        data.rows()
            .mapPartitions(rows -> List.of(Part.of(shared.value(), rows, dealing)).iterator());
    try {
      if (dealing != null) {
        // Rows are read once, though whole parts and their blocks go different ways.
        parts.persist(StorageLevel.DISK_ONLY());
      }
      RowTask task = (RowTask) model.task();
      Metric metric = task.scoring(model.encoder());
      Part all = new Part(new Evaluation(Loss.ZERO, new double[metric.size()]));
      parts.map(Part::whole).collect().forEach(part -> all.add(part, metric));
      all.unusable.require(data, onBadRow, all.rows);
      RowTask.requireKnown(all.rows, "score");
      long skipped = data.skipped() + all.unusable.count() + all.blank;
      Score score = Score.ofRows(task, model.encoder(), all, skipped);
      return new Judged(score, dealing == null ? all.blocks : blocks(parts));
    } finally {
      parts.unpersist(false);
      shared.destroy();
    }
  }

  /** Adds up each block's errors, in the order of the partitions. */
  private static SortedMap<Long, BlockErrors> blocks(JavaRDD<Part> parts) {
    return new TreeMap<>(
        parts
            .mapPartitionsWithIndex(
                (p, some) ->
                    some.next().blocks.entrySet().stream()
                        .map(block -> new Tuple2<>(block.getKey(), block.getValue().of(p)))
                        .iterator(),
                false)
            .mapToPair(block -> block)
            .groupByKey()
            .mapValues(BlockErrors::sum)
            .collectAsMap());
  }

  /**
   * Scores a text, or a prepared corpus while it is read, with a language model. The text is cut
   * into streams, each of which starts from the model's initial state; the streams are shared out
   * among Spark tasks in parts that depend on their number alone.
   *
   * @param columns name the column of text where the files are tables
   * @param streams to cut the text into; 1 for one unbroken stream
   * @throws InputException if the text cannot be read, is too short or has tokens that the model
   *     cannot read
   */
  public static Score text(
      SparkSession session, TaskModel model, RowsInput input, ColumnChoice columns, int streams) {
    return text(session, model, input, columns, streams, null, null);
  }

  /**
   * Scores the documents of one side of a text.
   *
   * @param held what divides the documents of the text; null to score all
   * @param split the side that is scored
   * @throws InputException as the other method does, or if the side has too little text, or a
   *     prepared corpus has no documents
   */
  public static Score text(
      SparkSession session,
      TaskModel model,
      RowsInput input,
      ColumnChoice columns,
      int streams,
      HoldOut held,
      Split split) {
    TextSplits.ToScore text = TextSplits.toScore(session, model, input, columns, held, split);
    return score(text, streams(session, model, text, streams, Math.min(streams, MOST_SHARDS)));
  }

  /** Scores a text whose every stream is a block, numbered from 0. */
  static Judged text(SparkSession session, TaskModel model, TextSplits.ToScore text, int streams) {
    List<Part> parts = streams(session, model, text, streams, streams);
    SortedMap<Long, BlockErrors> blocks = new TreeMap<>();
    for (int i = 0; i < parts.size(); i++) {
      Loss loss = parts.get(i).sum.loss();
      blocks.put((long) i, BlockErrors.ofAll((long) loss.weight(), loss));
    }
    return new Judged(score(text, parts), blocks);
  }

  private static Score score(TextSplits.ToScore text, List<Part> parts) {
    Evaluation all = Evaluation.sum(parts.stream().map(part -> part.sum).toList());
    long tokens = text.tokens().tokens();
    return Score.ofText(all.loss(), tokens, new UnknownTokens(tokens, text.unknown()));
  }

  private static List<Part> streams(
      SparkSession session, TaskModel model, TextSplits.ToScore text, int streams, int parts) {
    TokenSource tokens = text.tokens();
    Demand.requireStreams(streams, tokens.tokens() - 1, "text");
    NetworkSpec network = model.saved().config().model();
    NetworkWork work = NetworkWork.toScore(network, tokens, streams, parts);
    Demand.toScore(session, work.shards()).require(NetworkSize.of(network), work.data().steps());
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<float[]> params = spark.broadcast(model.saved().params());
    try {
      List<Integer> shards = IntStream.range(0, work.shards()).boxed().toList();
      return spark
          .parallelize(shards, shards.size())
          .map(
              shard -> {
                Learner learner = work.open(shard, shard + 1);
                learner.load(params.value());
                return new Part(learner.evaluate(shard, Split.VALID));
              })
          .collect();
    } finally {
      params.destroy();
    }
  }

  /** Returns the sums of MLlib's tasks, which only Java's serialization needs no knowledge of. */
  public static Class<?>[] javaClasses() {
    return new Class<?>[] {
      SummarizerBuffer.class, MultiClassSummarizer.class, MultinomialLogisticBlockAggregator.class
    };
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      RowEncoder.class,
      ModelInHand.class,
      Part.class,
      Part[].class,
      ExampleShards.Encoded.class,
      ExampleShards.Encoded[].class,
      ProbeFit.ProbeWalk.class,
      UnknownTokens.class,
      UnknownTokens[].class,
      BlockErrors.class,
      BlockErrors[].class,
      Drift.Sums.class,
      Drift.Sums[].class
    };
  }
}
