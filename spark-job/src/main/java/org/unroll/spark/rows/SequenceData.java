// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.rows.TaskSummary.Group;
import scala.Tuple2;

/**
 * Labelled sequences in files on any Hadoop file system. The data stay where they are: executors
 * read, check, count and hand on rows; the driver holds a few numbers for every file, and labels
 * and vocabulary.
 */
public final class SequenceData implements AutoCloseable {
  /** More different labels than this are no classes. */
  static final int MOST_LABELS = 100_000;

  private final SequenceInput input;
  private final Broadcast<SequenceReader> reader;
  private final DataSummary summary;

  private SequenceData(SequenceInput input, Broadcast<SequenceReader> reader, DataSummary summary) {
    this.input = input;
    this.reader = reader;
    this.summary = summary;
  }

  /**
   * Lists the files, and reads and checks all rows in a Spark job.
   *
   * @param choice the columns
   * @param splitter for text that is not yet tokens
   * @param part which rows are taken; a bad row is one for every part
   * @param channels how many every row must have; 0 for as many as the first row has
   * @throws InputException if a file cannot be found, read, unpacked or understood, if there is a
   *     bad row and those are not to be left out, or if no row is left
   */
  public static SequenceData open(
      SparkSession session,
      RowsInput spec,
      ColumnChoice choice,
      TextSplitter splitter,
      Part part,
      int channels) {
    return open(session, spec, choice, splitter, part, channels, TableReader.CHUNK_BYTES);
  }

  static SequenceData open(
      SparkSession session,
      RowsInput spec,
      ColumnChoice choice,
      TextSplitter splitter,
      Part part,
      int channels,
      long chunkBytes) {
    SequenceInput input = SequenceInput.open(session, spec, choice, splitter, chunkBytes);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<SequenceReader> checking = spark.broadcast(input.reader(channels, part));
    try {
      DataSummary summary = DataSummary.of(input.streams(checking).map(TaskSummary::of).collect());
      requireRows(summary, part);
      requireSameChannels(input, spec, summary);
      return new SequenceData(
          input, spark.broadcast(input.reader(summary.channels(), part)), summary);
    } finally {
      checking.destroy();
    }
  }

  private static void requireRows(DataSummary summary, Part part) {
    if (!summary.groups().isEmpty()) {
      return;
    }
    if (summary.skipped() > 0) {
      throw new InputException(
          "The input has no row that can be used: "
              + summary.skipped()
              + " were left out, the first is "
              + summary.firstSkipped().reason()
              + ".");
    }
    throw new InputException(
        part.fraction() == 0
            ? "The input has no rows."
            : "Of the input's rows, none is left "
                + (part.held() ? "for validation" : "to train on")
                + " when a fraction of "
                + part.fraction()
                + " is held out: take another fraction or more data.");
  }

  private static void requireSameChannels(
      SequenceInput input, RowsInput spec, DataSummary summary) {
    if (summary.others() > 0 && spec.onBadRow() == OnBadRow.FAIL) {
      throw RowProblems.of(
          input.where(summary.firstOther()),
          "it has another number of channels than the "
              + summary.channels()
              + " of "
              + input.where(summary.rows().first()));
    }
  }

  /** The rows in the order of the input. */
  public JavaRDD<SequenceRow> rows() {
    return input.inOrder(reader, summary);
  }

  /**
   * The rows in the order of the input, each behind its number there, from 0. Rows that were left
   * out have their numbers, too.
   */
  public JavaPairRDD<Long, SequenceRow> numbered() {
    return input.numbered(reader, summary);
  }

  /**
   * The rows, dealt out in their order to as many partitions as there are shards; each has its rows
   * in the order of the input. A shard's rows depend on the input and on the number of shards
   * alone.
   */
  public JavaRDD<SequenceRow> sharded(int shards) {
    return rows()
        .zipWithIndex()
        .mapToPair(row -> new Tuple2<>((int) (row._2() % shards), row._1()))
        .partitionBy(new ByNumber(shards))
        .values()
        .mapPartitions(
            rows -> {
              List<SequenceRow> sorted = new ArrayList<>();
              rows.forEachRemaining(sorted::add);
              sorted.sort(Comparator.comparing(SequenceRow::key));
              return sorted.iterator();
            },
            true);
  }

  /**
   * Counts the tokens of a text column in a Spark job and chooses those of a vocabulary, with
   * {@link Vocabulary#UNK} in the first place.
   *
   * @param column index among the text columns
   * @param maxSize the most entries in all, 0 for no limit; no more than these come to the driver
   * @param minCount tokens that occur less often are left out
   * @throws InputException if nothing is left
   */
  public Vocabulary vocabulary(int column, int maxSize, long minCount) {
    JavaPairRDD<String, Long> counts =
        rows().flatMapToPair(row -> TokenTally.of(row.tokens()[column])).reduceByKey(Long::sum);
    // Of all tokenizers, that of characters alone has no end of line among its tokens.
    return new VocabularyChoice("char", maxSize, minCount, true).from(counts, steps());
  }

  /** How many different tokens a text column has, counted by a Spark job. */
  public long types(int column) {
    return rows()
        .flatMapToPair(row -> TokenTally.of(row.tokens()[column]))
        .reduceByKey(Long::sum)
        .count();
  }

  /**
   * The different labels with how many rows, or steps, have each. Numbers come in their order,
   * anything else in that of its code points.
   *
   * @throws InputException if there are so many that they cannot be classes
   */
  public Map<String, Long> labels() {
    List<Tuple2<String, Long>> counts =
        rows()
            .flatMapToPair(
                row ->
                    TokenTally.of(
                        row.stepLabels() != null ? row.stepLabels() : new String[] {row.label()}))
            .reduceByKey(Long::sum)
            .take(MOST_LABELS + 1);
    if (counts.size() > MOST_LABELS) {
      throw new InputException(
          "The label column has more than "
              + MOST_LABELS
              + " different values, so they are no classes. Name the right column with --label.");
    }
    List<Tuple2<String, Long>> sorted = new ArrayList<>(counts);
    sorted.sort(Comparator.comparing(Tuple2::_1, LabelOrder.of(counts)));
    Map<String, Long> labels = new LinkedHashMap<>();
    sorted.forEach(label -> labels.put(label._1(), label._2()));
    return Collections.unmodifiableMap(labels);
  }

  /** Mean and deviation of each channel, by a Spark job. */
  public ChannelStatistics statistics() {
    int channels = channels();
    ChannelSums all = new ChannelSums(channels);
    rows()
        .mapPartitions(rows -> List.of(ChannelSums.of(channels, rows)).iterator())
        .collect()
        .forEach(all::add);
    return all.statistics();
  }

  /** How many rows there are. */
  public long count() {
    return group().rows();
  }

  /** Steps of all rows together. */
  public long steps() {
    return group().steps();
  }

  /** Steps of the longest row. */
  public int longest() {
    return group().longest();
  }

  /** D, the numbers of a step; 0 if no features were asked for. */
  public int channels() {
    return summary.channels();
  }

  /** Rows that were left out because they cannot be used. */
  public long skipped() {
    return summary.skipped() + summary.others();
  }

  /** Place and reason of the first row that was left out; null if none was. */
  public String firstSkipped() {
    if (summary.firstSkipped() != null) {
      return summary.firstSkipped().reason();
    }
    return summary.others() == 0
        ? null
        : input.where(summary.firstOther()) + ": it has another number of channels";
  }

  private Group group() {
    return summary.rows();
  }

  /** The format that was named or guessed. */
  public SequenceFormat format() {
    return input.format();
  }

  /** The columns of tokens. */
  public List<String> textColumns() {
    return input.columns().text();
  }

  /** The columns of numbers. */
  public List<String> featureColumns() {
    return input.columns().features();
  }

  /** The column of labels; null if none is read. */
  public String labelColumn() {
    return input.columns().label();
  }

  /**
   * A number in hexadecimal that is different for other rows or another order of them, but not for
   * another place of the files.
   */
  public String hash() {
    return String.format("%016x", group().hash());
  }

  /** The line and file of a row, as messages name them. Reads the file up to there. */
  public String where(RowKey key) {
    return input.where(key);
  }

  /** Frees what the executors hold; nothing may be read from the rows any more. */
  @Override
  public void close() {
    reader.destroy();
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      SequenceReader.class,
      TaskSummary.class,
      TaskSummary[].class,
      SequenceRow.class,
      SequenceRow[].class,
      ChannelSums.class,
      ChannelSums[].class,
      // Of the schemas of Parquet files, which Spark's tasks read; simple types it registers.
      ArrayType.class,
      MapType.class,
      DecimalType.class
    };
  }
}
