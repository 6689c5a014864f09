// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.network.Bleu;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.report.ByLength;
import org.unroll.spark.rows.TextSplitter;

/** Figures by length of source beside those of all rows. */
class AnswerMetricTest {
  private static final List<String> WORDS = List.of("a", "b", "c", "d");
  private static final List<AnswerMetric.Kind> KINDS =
      List.of(AnswerMetric.Kind.BLEU, AnswerMetric.Kind.CHRF, AnswerMetric.Kind.EXACT);
  private static final TextCodec TARGET = target();

  private static TextCodec target() {
    Map<String, Long> counts = new LinkedHashMap<>();
    WORDS.forEach(word -> counts.put(word, 9L));
    return TextCodec.of(
        new TextSplitter(TextSplitter.Unit.BLANKS, false),
        Vocabulary.build(counts, "word", 0, 1, true));
  }

  /** An answer about so many tokens with what is right. */
  private record Row(int read, String said, String right) {
    private double[] add(AnswerMetric metric, double[] sums) {
      Example example =
          Example.ofTokens("x", new int[read]).withTexts(List.of(TARGET.reference(right)));
      int[] ids = TARGET.ids(said);
      Prediction.Written written =
          new Prediction.Written(
              IntStream.of(ids).limit(ids.length - 1).toArray(), 0, 0, true, new float[0][]);
      Prediction prediction =
          new Prediction(new int[0], new float[0], new float[0], new float[0], List.of(written));
      return metric.add(example, prediction, sums);
    }
  }

  private static List<Row> rows(int count, int... lengths) {
    Random random = new Random(4);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String right = text(random, 6);
      String said = random.nextInt(3) == 0 ? right : text(random, 6);
      rows.add(new Row(lengths[random.nextInt(lengths.length)], said, right));
    }
    return rows;
  }

  private static String text(Random random, int words) {
    return String.join(" ", random.ints(words, 0, WORDS.size()).mapToObj(WORDS::get).toList());
  }

  private static double[] sums(AnswerMetric metric, List<Row> rows) {
    double[] sums = new double[metric.size()];
    for (Row row : rows) {
      sums = row.add(metric, sums);
    }
    return sums;
  }

  @Test
  void lengths_fall_into_bins_with_their_bounds() {
    AnswerMetric metric = new AnswerMetric(TARGET, KINDS, true);
    List<Row> rows = new ArrayList<>();
    for (int read : new int[] {1, 5, 6, 10, 11, 21, 30, 31, 100, 101, 900}) {
      rows.add(new Row(read, "a", "a"));
    }
    List<ByLength.Bin> bins = metric.lengths(sums(metric, rows)).bins();
    assertThat(bins)
        .extracting(ByLength.Bin::from, ByLength.Bin::to, ByLength.Bin::rows)
        .containsExactly(
            tuple(1, 5, 2L),
            tuple(6, 10, 2L),
            tuple(11, 15, 1L),
            tuple(21, 30, 2L),
            tuple(31, 50, 1L),
            tuple(51, 100, 1L),
            tuple(101, null, 2L));
  }

  @Test
  void the_figures_of_a_bin_are_those_of_its_rows_alone() {
    AnswerMetric metric = new AnswerMetric(TARGET, KINDS, true);
    List<Row> rows = rows(200, 3, 8, 25, 400);
    ByLength lengths = metric.lengths(sums(metric, rows));
    assertThat(lengths.bins()).hasSize(4);
    assertThat(lengths.bins().stream().mapToLong(ByLength.Bin::rows).sum()).isEqualTo(200);
    for (ByLength.Bin bin : lengths.bins()) {
      List<Row> own =
          rows.stream()
              .filter(
                  row -> row.read() >= bin.from() && (bin.to() == null || row.read() <= bin.to()))
              .toList();
      double[] bleu = new double[Bleu.SIZE];
      own.forEach(row -> Bleu.add(row.said(), List.of(row.right()), bleu, 0));
      assertThat(bin.rows()).isEqualTo(own.size());
      assertThat(bin.figures().get("bleu")).isEqualTo(Bleu.score(bleu, 0));
      assertThat(bin.figures().get("exact"))
          .isEqualTo(
              own.stream().filter(row -> row.said().equals(row.right())).count()
                  / (double) own.size());
      assertThat(bin.figures()).containsOnlyKeys("bleu", "chrf", "exact");
    }
  }

  @Test
  void bins_add_up_to_all_rows_however_they_are_parted_and_ordered() {
    AnswerMetric metric = new AnswerMetric(TARGET, KINDS, true);
    AnswerMetric whole = new AnswerMetric(TARGET, KINDS, false);
    List<Row> rows = rows(300, 2, 7, 13, 18, 29, 44, 80, 500);
    double[] all = sums(metric, rows);
    assertThat(metric.figures(all)).isEqualTo(whole.figures(sums(whole, rows)));
    assertThat(whole.lengths(sums(whole, rows)).isEmpty()).isTrue();
    Collections.shuffle(rows, new Random(9));
    double[] parts =
        metric.plus(sums(metric, rows.subList(0, 111)), sums(metric, rows.subList(111, 300)));
    assertThat(parts).isEqualTo(all);
    assertThat(metric.lengths(parts)).isEqualTo(metric.lengths(all));
  }
}
