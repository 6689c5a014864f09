// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.train.Split;
import org.unroll.spark.rows.RowSource.Parsed;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import scala.Tuple2;

/**
 * The rows of a source, checked and counted. One Spark job reads the source; what it made of every
 * record is kept on the executors' disks for all that follows. The driver holds a few numbers for
 * each part of the source.
 */
public final class RowSet implements AutoCloseable {
  /** More different labels than this are no classes. */
  static final int MOST_LABELS = 100_000;

  /** The key of the draws by which rows are dealt to shards; no seed, so that all runs agree. */
  private static final long DEALS = RandomBits.key(0);

  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,30}(\\.\\d{1,30})?");

  private final RowSource source;

  /** What was read, as it is kept on disks. */
  private final JavaRDD<Parsed> kept;

  private final JavaRDD<Parsed> records;
  private final Part part;
  private final RowSummary summary;

  /** The number of records, and of rows that are taken, before each partition. */
  private final long[] recordsBefore;

  private final long[] rowsBefore;

  private RowSet(
      RowSource source, JavaRDD<Parsed> kept, JavaRDD<Parsed> records, Part wanted, boolean fail) {
    List<RowSummary> partitions =
        records
            .mapPartitions(some -> List.of(RowSummary.of(some, wanted::has)).iterator())
            .collect();
    this.source = source;
    this.kept = kept;
    this.records = records;
    this.summary = partitions.stream().reduce(RowSummary::plus).orElseThrow();
    requireRows(wanted, fail);
    this.part = wanted.channels() > 0 ? wanted : wanted.of(summary.channels());
    if (fail) {
      requireSameChannels();
    }
    this.recordsBefore = new long[partitions.size() + 1];
    this.rowsBefore = new long[partitions.size() + 1];
    for (int p = 0; p < partitions.size(); p++) {
      RowSummary.Group taken = partitions.get(p).groups().get(channels());
      recordsBefore[p + 1] = recordsBefore[p] + partitions.get(p).read();
      rowsBefore[p + 1] = rowsBefore[p] + (taken == null ? 0 : taken.rows());
    }
  }

  /**
   * The rows that a set takes of the records.
   *
   * @param channels of every row; 0 for any number
   * @param side which of them; null for all
   */
  private record Part(int channels, Side side) implements Serializable {
    Part of(int number) {
      return new Part(number, side);
    }

    boolean held() {
      return side != null && side.held;
    }

    /** Returns all that {@link #cut} leaves of the records. */
    Part whole() {
      return new Part(channels, null);
    }

    /** Returns a record with other tokens; a row that is not taken becomes a gap. */
    Parsed cut(Parsed record, Cutter cutter) {
      if (!(record instanceof SequenceRow row)) {
        return held() ? new RowSource.Gap(record.key()) : record;
      }
      if (!has(row)) {
        return side == null ? row : new RowSource.Gap(row.key());
      }
      return row.cut(cutter);
    }

    boolean has(Parsed record) {
      return record instanceof SequenceRow row
          && (channels == 0 || row.channels() == channels)
          && (side == null || side.rows.has(row));
    }
  }

  /**
   * A side of rows of which some are held out.
   *
   * @param rows that are on it
   * @param held whether it is one that is held out
   * @param none what is told where it has no rows
   */
  private record Side(Choice rows, boolean held, String none) implements Serializable {}

  /** Chooses rows. */
  @FunctionalInterface
  private interface Choice extends Serializable {
    boolean has(SequenceRow row);
  }

  /**
   * Reads and checks all rows of a source in a Spark job.
   *
   * @param channels how many every row must have; 0 for as many as the first row has
   * @throws InputException if the source cannot be read, if there is a bad row and those are not to
   *     be left out, or if no row is left
   */
  public static RowSet open(
      SparkSession session, RowSource source, OnBadRow onBadRow, int channels) {
    boolean fail = onBadRow == OnBadRow.FAIL;
    JavaRDD<Parsed> records = source.records(session, channels, fail);
    // On disk, where the memory that a training needs is not theirs.
    records.persist(StorageLevel.DISK_ONLY());
    try {
      return new RowSet(source, records, records, new Part(0, null), fail);
    } catch (RuntimeException e) {
      records.unpersist(false);
      throw e;
    }
  }

  private void requireRows(Part wanted, boolean fail) {
    BadRow bad = summary.firstBad();
    if (bad != null && (fail || bad.fatal())) {
      throw bad.exception(bad.fatal() ? null : where(bad.key()));
    }
    if (!summary.groups().isEmpty()) {
      return;
    }
    if (wanted.side() != null) {
      throw new TooLittleException(wanted.side().none());
    }
    if (summary.bad() == 0) {
      throw new TooLittleException("The input has no rows.");
    }
    throw new InputException(
        "The input has no row that can be used: %s were left out, the first is %s."
            .formatted(summary.bad(), firstSkipped()));
  }

  private void requireSameChannels() {
    RowKey other = summary.firstOther(channels());
    if (other != null) {
      throw new BadRow(
              other,
              "it has another number of channels than the %s of %s"
                  .formatted(channels(), where(group().first())))
          .exception(where(other));
    }
  }

  /**
   * Returns the rows that are left of this set, and those that are held out: a fraction of all, and
   * of those of every label, as near as equal rows allow, which fall on one side. They are chosen
   * by the seed and by the content of each row alone, whatever the order of the input. This set
   * must stay open.
   *
   * @param fraction that is held out, in (0, 1)
   * @param labels how many rows have each label; empty if labels do not matter
   * @throws InputException if none is left or held out
   */
  public List<RowSet> split(long seed, double fraction, Map<String, Long> labels) {
    HeldOut heldOut = HeldOut.of(rows(), count(), seed, fraction, labels);
    String none =
        "Of the input's rows, none is left %s when a fraction of %s is held out: take another"
            + " fraction or more data.";
    return List.of(
        part(new Side(row -> !heldOut.has(row), false, none.formatted("to train on", fraction))),
        part(new Side(heldOut::has, true, none.formatted("for validation", fraction))));
  }

  /**
   * Returns the rows of one side, by what each says alone. This set must stay open.
   *
   * @throws InputException if there are none
   */
  public RowSet part(HoldOut held, Split split) {
    return part(
        new Side(row -> held.split(row) == split, split != Split.TRAIN, held.none("rows", split)));
  }

  private RowSet part(Side side) {
    return new RowSet(source, kept, records, new Part(channels(), side), false);
  }

  /**
   * Returns the same rows with other tokens, such as pieces of words, which are made anew whenever
   * rows are read. This set must stay open.
   *
   * @param cutter makes the tokens of a token
   */
  public RowSet cut(Cutter cutter) {
    Part taken = part;
    return new RowSet(
        source, kept, records.map(record -> taken.cut(record, cutter)), taken.whole(), false);
  }

  /** Cuts a token into others. */
  @FunctionalInterface
  public interface Cutter extends Serializable {
    /** Returns the tokens of a token. */
    List<String> cut(String token);
  }

  /** Returns the rows in the order of the input. */
  public JavaRDD<SequenceRow> rows() {
    Part taken = part;
    return records.filter(taken::has).map(SequenceRow.class::cast);
  }

  /**
   * Returns the rows in the order of the input, each behind its number there, from 0. Records that
   * were left out have their numbers, too.
   */
  public JavaPairRDD<Long, SequenceRow> numbered() {
    Part taken = part;
    long[] before = recordsBefore;
    return records
        .mapPartitionsWithIndex((p, some) -> new Numbering<>(some, before[p]), true)
        .filter(record -> taken.has(record._2()))
        .mapToPair(record -> new Tuple2<>(record._1(), (SequenceRow) record._2()));
  }

  /** Returns how many rows each partition of {@link #numbered} has. */
  public long[] partitionRows() {
    long[] counts = new long[rowsBefore.length - 1];
    Arrays.setAll(counts, p -> rowsBefore[p + 1] - rowsBefore[p]);
    return counts;
  }

  /** Puts its number before each of several things. */
  private static final class Numbering<T> implements Iterator<Tuple2<Long, T>> {
    private final Iterator<T> things;
    private long next;

    Numbering(Iterator<T> things, long first) {
      this.things = things;
      this.next = first;
    }

    @Override
    public boolean hasNext() {
      return things.hasNext();
    }

    @Override
    public Tuple2<Long, T> next() {
      return new Tuple2<>(next++, things.next());
    }
  }

  /**
   * Returns the rows, dealt out by {@link #shard} to as many partitions as there are shards; each
   * has its rows in the order of the input. A shard's rows depend on the input and on the number of
   * shards alone.
   */
  public JavaRDD<SequenceRow> sharded(int shards) {
    long[] before = rowsBefore;
    return rows()
        .mapPartitionsWithIndex((p, some) -> new Numbering<>(some, before[p]), true)
        .mapToPair(row -> new Tuple2<>(shard(row._1(), shards), row._2()))
        .partitionBy(new HashPartitioner(shards))
        .values()
        .mapPartitions(
            some -> {
              List<SequenceRow> sorted = new ArrayList<>();
              some.forEachRemaining(sorted::add);
              sorted.sort(Comparator.comparing(SequenceRow::key));
              return sorted.iterator();
            },
            true);
  }

  /**
   * Returns the shard that a row is dealt to. Of as many rows in a row as there are shards, counted
   * from the first, every shard gets one, beginning with another shard every time: in files whose
   * short and long rows alternate, as in lines of captions or of dialogue, a shard would otherwise
   * have the long ones alone, and all others would wait for it in every round.
   *
   * @param row its number in the input, from 0
   */
  static int shard(long row, int shards) {
    long deal = row / shards;
    long begins = Long.remainderUnsigned(RandomBits.bits(DEALS, deal), shards);
    return (int) ((row + begins) % shards);
  }

  /** Returns how often each token of a text column occurs, to be counted by a Spark job. */
  public JavaPairRDD<String, Long> tokens(int column) {
    return rows().flatMapToPair(row -> tally(row.tokens()[column])).reduceByKey(Long::sum);
  }

  private static Iterator<Tuple2<String, Long>> tally(String... strings) {
    Map<String, Long> counts = new HashMap<>();
    for (String string : strings) {
      counts.merge(string, 1L, Long::sum);
    }
    return counts.entrySet().stream().map(e -> new Tuple2<>(e.getKey(), e.getValue())).iterator();
  }

  /**
   * Counts, by a Spark job, how many rows, or steps, have each label. Numbers come in their order,
   * anything else in that of its code points.
   *
   * @throws InputException if there are so many that they cannot be classes
   */
  public Map<String, Long> labels() {
    List<Tuple2<String, Long>> counts =
        rows()
            .flatMapToPair(
                row -> row.stepLabels() != null ? tally(row.stepLabels()) : tally(row.label()))
            .reduceByKey(Long::sum)
            .take(MOST_LABELS + 1);
    if (counts.size() > MOST_LABELS) {
      throw new InputException(
          "The label column has more than "
              + MOST_LABELS
              + " different values, so they are no classes. Name the right column with --label.");
    }
    boolean numbers = counts.stream().allMatch(label -> NUMBER.matcher(label._1()).matches());
    Comparator<String> order = Vocabulary::compareTokens;
    if (numbers) {
      order = Comparator.<String, BigDecimal>comparing(BigDecimal::new).thenComparing(order);
    }
    List<Tuple2<String, Long>> sorted = new ArrayList<>(counts);
    sorted.sort(Comparator.comparing(Tuple2::_1, order));
    Map<String, Long> labels = new LinkedHashMap<>();
    sorted.forEach(label -> labels.put(label._1(), label._2()));
    return Collections.unmodifiableMap(labels);
  }

  /**
   * Counts, by a Spark job, the most frequent values of a column that parts rows.
   *
   * @param slice number of the column among those of {@link ColumnChoice#slices}
   * @param most how many values are told at most
   */
  public Map<String, Long> slices(int slice, int most) {
    Map<String, Long> counts = new LinkedHashMap<>();
    rows()
        .filter(row -> row.slices()[slice] != null)
        .flatMapToPair(row -> tally(row.slices()[slice]))
        .reduceByKey(Long::sum)
        .takeOrdered(most, new MostFrequent())
        .forEach(value -> counts.put(value._1(), value._2()));
    return Collections.unmodifiableMap(counts);
  }

  /** Orders values by how often they are there, the most frequent first. */
  private static final class MostFrequent
      implements Comparator<Tuple2<String, Long>>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Tuple2<String, Long> a, Tuple2<String, Long> b) {
      int more = Long.compare(b._2(), a._2());
      return more != 0 ? more : Vocabulary.compareTokens(a._1(), b._1());
    }
  }

  /** Returns the mean and the deviation of each channel, found by a Spark job. */
  public ChannelStatistics statistics() {
    int channels = channels();
    ChannelStatistics.Sums all = new ChannelStatistics.Sums(channels);
    rows()
        .mapPartitions(rows -> List.of(ChannelStatistics.Sums.of(channels, rows)).iterator())
        .collect()
        .forEach(all::add);
    return all.statistics();
  }

  private RowSummary.Group group() {
    return summary.groups().get(channels());
  }

  /** Returns the number of rows. */
  public long count() {
    return group().rows();
  }

  /** Returns the number of steps of all rows together. */
  public long steps() {
    return group().steps();
  }

  /** Returns the number of steps of the longest row. */
  public int longest() {
    return group().longest();
  }

  /** Returns D, how many numbers a step has; 0 if no features were asked for. */
  public int channels() {
    return part.channels();
  }

  /** Returns how many records were left out because they cannot be used; none of them is held. */
  public long skipped() {
    return part.held() ? 0 : summary.bad() + summary.others(channels());
  }

  /** Returns place and reason of the first record that was left out, or null if none was. */
  public String firstSkipped() {
    if (summary.firstBad() != null) {
      return where(summary.firstBad().key()) + ": " + summary.firstBad().reason();
    }
    RowKey other = summary.firstOther(channels());
    return other == null ? null : where(other) + ": it has another number of channels";
  }

  /** Returns the name of the form that the rows were kept in. */
  public String format() {
    return source.format();
  }

  /** Returns the columns that the rows were made of. */
  public ColumnChoice columns() {
    return source.columns();
  }

  /**
   * Returns a number in hexadecimal that is different for other rows or another order of them, but
   * not for another place of the files.
   */
  public String hash() {
    return String.format("%016x", group().hash());
  }

  /** Returns the place of a row as messages name it; may read the input up to there. */
  public String where(RowKey key) {
    return source.where(key);
  }

  /** Frees what the executors hold for this set and its parts. */
  @Override
  public void close() {
    kept.unpersist(false);
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      RowSummary.class,
      RowSummary[].class,
      SequenceRow.class,
      SequenceRow[].class,
      BadRow.class,
      RowSource.Gap.class,
      Parsed[].class,
      ChannelStatistics.Sums.class,
      ChannelStatistics.Sums[].class
    };
  }
}
