// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;
import org.unroll.spark.corpus.LengthHistogram;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.SequenceRow;

/**
 * A drift says how some data differ from those before, as a model reads them: data that drift away
 * from what it learnt make it worse, even where nobody has labels to see it by.
 *
 * @param figures by name, as {@link #between} describes them; only those that both data sets have
 * @param sentences for people about what moved, what moved most first; none where little did
 */
public record Drift(Map<String, Double> figures, List<String> sentences) {
  /** Changes smaller than these are no news. */
  private static final double NEWS_OF_UNKNOWN = 0.005;

  private static final double NEWS_OF_LENGTH = 0.1;
  private static final double NEWS_OF_LABELS = 0.05;
  private static final double NEWS_OF_CHANNELS = 0.25;

  public Drift {
    sentences = List.copyOf(sentences);
  }

  /**
   * A snapshot is what some data are like for a model, in few numbers: small enough to be kept with
   * the model.
   *
   * @param rows how many; null of a text
   * @param steps of all rows together, or tokens of a text
   * @param meanLength steps of a row; null of a text
   * @param medianLength steps that half of the rows have at most, to 12.5 %; null of a text
   * @param maxLength steps of the longest row; null of a text
   * @param unknownRate share of the tokens that the model does not know; null without tokens
   * @param labels share of each label among all, the most frequent 50; empty where there are none
   * @param otherLabels share of all other labels
   * @param means of the channels, in their own numbers
   * @param deviations of the channels
   */
  public record Snapshot(
      Long rows,
      long steps,
      Double meanLength,
      Long medianLength,
      Long maxLength,
      Double unknownRate,
      Map<String, Double> labels,
      double otherLabels,
      List<Double> means,
      List<Double> deviations) {

    /** Takes a snapshot of rows that a model of any task but language models opened. */
    public static Snapshot of(SparkSession session, TaskModel model, RowSet data) {
      Sums sums = Sums.of(session, model, data);
      RowTask task = (RowTask) model.task();
      Map<String, Long> counts = data.columns().label() == null ? Map.of() : task.labels(data);
      double all = counts.values().stream().mapToLong(Long::longValue).sum();
      Map<String, Double> labels = new LinkedHashMap<>();
      for (String label : Dealing.mostFrequent(counts)) {
        labels.put(label, counts.get(label) / all);
      }
      boolean more = counts.size() > labels.size();
      double told = labels.values().stream().mapToDouble(Double::doubleValue).sum();
      ChannelStatistics statistics = data.channels() == 0 ? null : data.statistics();
      return new Snapshot(
          data.count(),
          data.steps(),
          (double) data.steps() / data.count(),
          sums.lengths.quantile(0.5),
          (long) data.longest(),
          rate(sums.unknown),
          labels,
          more ? 1 - told : 0,
          statistics == null ? List.of() : list(statistics.means()),
          statistics == null ? List.of() : list(statistics.deviations()));
    }

    /**
     * Takes a snapshot of a text, as a language model reads it.
     *
     * @param columns name the column of text where the files are tables
     */
    public static Snapshot ofText(
        SparkSession session, TaskModel model, RowsInput input, ColumnChoice columns) {
      TextSplits.ToScore text = TextSplits.toScore(session, model, input, columns);
      long tokens = text.tokens().tokens();
      Double unknown = rate(new UnknownTokens(tokens, text.unknown()));
      return new Snapshot(
          null, tokens, null, null, null, unknown, Map.of(), 0, List.of(), List.of());
    }

    private static Double rate(UnknownTokens unknown) {
      return unknown.tokens() == 0
          ? null
          : (Double) ((double) unknown.unknown() / unknown.tokens());
    }

    private static List<Double> list(double[] numbers) {
      return Arrays.stream(numbers).boxed().toList();
    }

    /**
     * Returns the snapshot that was written as {@link #figures}.
     *
     * @param source what messages call the file
     * @throws InputException if it is none, naming the field
     */
    public static Snapshot from(Map<String, ?> figures, String source) {
      return StrictJson.bind(figures, source, "data", Snapshot.class);
    }

    /** Returns the snapshot as the fields of JSON. */
    public Map<String, Object> figures() {
      return TaskModel.fields(this);
    }
  }

  /** What is counted of the rows of a partition, or of all. */
  @DefaultSerializer(JavaSerializer.class)
  static final class Sums implements Serializable {
    private static final long serialVersionUID = 1L;

    private final LengthHistogram lengths = new LengthHistogram();
    private UnknownTokens unknown = UnknownTokens.NONE;

    private static Sums of(SparkSession session, TaskModel model, RowSet data) {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      Broadcast<RowEncoder> encoder = spark.broadcast(model.encoder());
      Task task = model.task();
      try {
        Sums all = new Sums();
        data.rows()
            .mapPartitions(rows -> List.of(of(rows, task, encoder.value())).iterator())
            .collect()
            .forEach(all::add);
        return all;
      } finally {
        encoder.destroy();
      }
    }

    private static Sums of(Iterator<SequenceRow> rows, Task task, RowEncoder encoder) {
      Sums sums = new Sums();
      while (rows.hasNext()) {
        SequenceRow row = rows.next();
        sums.lengths.add(row.steps(), 1);
        sums.unknown = sums.unknown.plus(task.unknown(row, encoder));
      }
      return sums;
    }

    private void add(Sums other) {
      lengths.add(other.lengths);
      unknown = unknown.plus(other.unknown);
    }
  }

  /** A sentence, and how many times a change is as large as what would be news. */
  private record News(double size, String sentence) {}

  /**
   * Returns how data differ from those before: {@code unknown_rate}, the change of the share of
   * unknown tokens; {@code mean_length}, that of the mean length as a share of what it was; {@code
   * label_change}, the largest change of the share of a label, and {@code label_distance}, the
   * share of rows whose label would have to be another one for all shares to be as before (total
   * variation distance); {@code channel_shift}, the largest change of a channel's mean, in
   * deviations that it had before.
   *
   * @throws InputException if they have different numbers of channels
   */
  public static Drift between(Snapshot before, Snapshot now) {
    Map<String, Double> figures = new LinkedHashMap<>();
    List<News> news = new ArrayList<>();
    if (before.unknownRate() != null && now.unknownRate() != null) {
      unknown(before.unknownRate(), now.unknownRate(), figures, news);
    }
    if (before.meanLength() != null && now.meanLength() != null && before.meanLength() > 0) {
      length(before.meanLength(), now.meanLength(), figures, news);
    }
    if (!before.labels().isEmpty() && !now.labels().isEmpty()) {
      labels(before, now, figures, news);
    }
    if (before.means().size() != now.means().size()) {
      throw new InputException(
          "The rows have %s, but had %s before: they do not compare."
              .formatted(
                  Figures.count(now.means().size(), "channel"),
                  Figures.count(before.means().size())));
    }
    if (!now.means().isEmpty()) {
      channels(before, now, figures, news);
    }
    List<String> sentences =
        news.stream()
            .filter(one -> one.size() >= 1)
            .sorted(Comparator.comparingDouble(News::size).reversed())
            .map(News::sentence)
            .toList();
    return new Drift(figures, sentences);
  }

  private static void unknown(
      double before, double now, Map<String, Double> figures, List<News> news) {
    figures.put("unknown_rate", now - before);
    news.add(
        new News(
            Math.abs(now - before) / NEWS_OF_UNKNOWN,
            "The model does not know %s of the tokens, instead of %s."
                .formatted(Figures.share(now), Figures.share(before))));
  }

  private static void length(
      double before, double now, Map<String, Double> figures, List<News> news) {
    figures.put("mean_length", now / before - 1);
    news.add(
        new News(
            Math.abs(now / before - 1) / NEWS_OF_LENGTH,
            "Rows are %s: they have %s steps on average, instead of %s."
                .formatted(
                    now > before ? "longer" : "shorter",
                    Figures.significant(now),
                    Figures.significant(before))));
  }

  private static void labels(
      Snapshot before, Snapshot now, Map<String, Double> figures, List<News> news) {
    TreeSet<String> names = new TreeSet<>(Vocabulary::compareTokens);
    Stream.of(before, now).forEach(some -> names.addAll(some.labels().keySet()));
    double all = Math.abs(now.otherLabels() - before.otherLabels());
    double most = 0;
    String moved = "";
    for (String name : names) {
      double change =
          now.labels().getOrDefault(name, 0.0) - before.labels().getOrDefault(name, 0.0);
      all += Math.abs(change);
      if (Math.abs(change) > Math.abs(most)) {
        most = change;
        moved = name;
      }
    }
    figures.put("label_change", Math.abs(most));
    figures.put("label_distance", all / 2);
    news.add(
        new News(
            all / 2 / NEWS_OF_LABELS,
            "Labels occur in other shares, %s of them in all: '%s' has %s, instead of %s."
                .formatted(
                    Figures.share(all / 2),
                    moved,
                    Figures.share(now.labels().getOrDefault(moved, 0.0)),
                    Figures.share(before.labels().getOrDefault(moved, 0.0)))));
  }

  private static void channels(
      Snapshot before, Snapshot now, Map<String, Double> figures, List<News> news) {
    int moved = 0;
    double most = 0;
    for (int c = 0; c < now.means().size(); c++) {
      double shift = shift(before, now, c);
      if (shift > most) {
        most = shift;
        moved = c;
      }
    }
    figures.put("channel_shift", most);
    news.add(
        new News(
            most / NEWS_OF_CHANNELS,
            "Channel %s is %s on average, instead of %s: %s deviations away."
                .formatted(
                    moved + 1,
                    Figures.significant(now.means().get(moved)),
                    Figures.significant(before.means().get(moved)),
                    Figures.significant(most))));
  }

  /** Returns how far a mean moved; of a channel that was constant in deviations that it has now. */
  private static double shift(Snapshot before, Snapshot now, int channel) {
    double change = Math.abs(now.means().get(channel) - before.means().get(channel));
    double then = before.deviations().get(channel);
    double here = now.deviations().get(channel);
    double deviation = then > 0 ? then : here > 0 ? here : 1;
    return change / deviation;
  }
}
