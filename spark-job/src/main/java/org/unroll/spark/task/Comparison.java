// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.train.Split;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.task.EvaluateJob.Judged;
import org.unroll.spark.task.EvaluateJob.Score;

/**
 * A comparison says how much better one model, the challenger B, answers for some data than
 * another, the champion A, and how sure that is: both score the same rows, and the interval of the
 * difference is that of a {@link PairedBootstrap} over blocks of rows, or over streams of a text.
 *
 * <p>Scores are such that more is better: the measure of the task, or its negative if it is an
 * error; of texts, which are measured by their perplexity, the negative of the loss in nats per
 * token. The sums of blocks come to the driver, at most a thousand, of each the parts that it has.
 *
 * @param measure of the task
 * @param counted what {@link Part#rows} counts: rows, or tokens of a text
 * @param confidence the share of differences inside of an interval
 * @param parts all data first, then those of old and new files, of labels, of slices
 * @param ofA what the champion comes to on all data
 * @param ofB what the challenger comes to on all data
 * @param notes what people should know of the figures, in sentences
 */
public record Comparison(
    Measure measure,
    String counted,
    double confidence,
    List<Part> parts,
    Score ofA,
    Score ofB,
    List<String> notes) {
  private static final int MOST_STREAMS = 200;
  private static final int FEW_STREAMS = 20;

  /** A stream that is no shorter than this says what a model makes of a text that goes on. */
  private static final int LEAST_STREAM = 64;

  /** How much losses may differ in what they are the mean of, by rounding. */
  private static final double ROUNDING = 1e-9;

  /**
   * The scores of both models for a part of the data; null where they are not told, as of no rows.
   * A label's score is its F1.
   *
   * @param kind what the data are parted by: {@code all}, {@code age}, {@code label}, {@code slice}
   * @param name of the part among those of its kind
   * @param rows that both scored, or tokens
   * @param a score of the champion
   * @param b score of the challenger
   * @param difference how much better the challenger is
   * @param low end of the difference's interval; null where there are too few blocks
   * @param high end of the interval
   */
  public record Part(
      String kind,
      String name,
      long rows,
      Double a,
      Double b,
      Double difference,
      Double low,
      Double high) {
    /** Returns whether these are all data. */
    public boolean isAll() {
      return kind.equals(Dealing.ALL_ROWS.kind());
    }

    private boolean isLabel() {
      return kind.equals(Dealing.LABEL);
    }

    private Map<String, Object> figures(String measure) {
      return Json.fields(
          "measure",
          isLabel() ? "f1" : measure,
          "kind",
          kind,
          "name",
          name,
          "rows",
          rows,
          "a",
          a,
          "b",
          b,
          "difference",
          difference,
          "low",
          low,
          "high",
          high);
    }
  }

  /**
   * The parts of rows that are compared beside all of them; those of each label, and of each value
   * of the slice columns that the rows were opened with, are always there.
   *
   * @param newFiles numbers of the files whose rows are new, in the order of their paths; null if
   *     the ages of rows do not matter
   */
  public record Parts(BitSet newFiles) {
    /** No parts by age. */
    public static final Parts USUAL = new Parts(null);
  }

  /**
   * A trial says how two models are compared.
   *
   * @param search how answers are looked for
   * @param onBadRow what becomes of rows that cannot be scored
   * @param confidence the share of differences inside of an interval, in (0, 1)
   * @param seed of the bootstrap
   */
  public record Trial(Search search, OnBadRow onBadRow, double confidence, long seed) {
    /** Returns the usual trial: intervals of 95 %, and no row may be unusable. */
    public static Trial of(long seed) {
      return new Trial(Search.GREEDY, OnBadRow.FAIL, 0.95, seed);
    }
  }

  public Comparison {
    parts = List.copyOf(parts);
    notes = List.copyOf(notes);
  }

  /**
   * Refuses two models whose answers are not to the same question, before any data are read.
   *
   * @throws InputException if so
   */
  public static void requireComparable(TaskModel a, TaskModel b) {
    Rivals.of(a, b);
  }

  /** Compares two models on rows by the usual {@link Trial}. */
  public static Comparison rows(
      SparkSession session,
      TaskModel a,
      TaskModel b,
      RowSet ofA,
      RowSet ofB,
      Parts parts,
      long seed) {
    return rows(session, a, b, ofA, ofB, parts, Trial.of(seed));
  }

  /**
   * Compares two models of a task other than language models on the same rows, in a Spark job each.
   * A label that a model does not know counts as its mistake.
   *
   * @param a the champion
   * @param b the challenger
   * @param ofA the rows as the champion reads them, with labels
   * @param ofB the same rows as the challenger reads them
   * @throws InputException if the models do not answer the same question, or cannot score the same
   *     rows
   */
  public static Comparison rows(
      SparkSession session,
      TaskModel a,
      TaskModel b,
      RowSet ofA,
      RowSet ofB,
      Parts parts,
      Trial trial) {
    Rivals rivals = Rivals.of(a, b);
    requireSameLabels(ofA.columns().label(), ofB.columns().label());
    Dealing dealing = Dealing.of(ofA, (RowTask) a.task(), parts.newFiles());
    Judged judgedA = judged(session, a, ofA, dealing, trial);
    Judged judgedB = judged(session, b, ofB, dealing, trial);
    requireSameRows(judgedA.blocks(), judgedB.blocks());
    return of(
        a.task().measure(), "rows", dealing.names(), judgedA, judgedB, trial, rivals.cautions());
  }

  private static Judged judged(
      SparkSession session, TaskModel model, RowSet data, Dealing dealing, Trial trial) {
    Task task = model.task();
    boolean labels = task instanceof Classify || task instanceof Tag || task instanceof Recognise;
    TaskModel scored = labels ? model.counting(model.unseenLabels(data)) : model;
    return EvaluateJob.rows(
        session, scored.inHand(trial.search()), data, trial.onBadRow(), dealing);
  }

  /**
   * Compares two language models on a text, or on an old and a new one.
   *
   * @param texts one, or the old and the new one
   * @param columns name the column of text where the files are tables
   * @param streams that each text is cut into; 0 for as many as go well with its length
   * @param held what divides the documents of the texts, of which those of the test are compared;
   *     null to compare all
   * @throws InputException if the models do not read the same tokens, or a text cannot be read
   */
  public static Comparison text(
      SparkSession session,
      TaskModel a,
      TaskModel b,
      List<RowsInput> texts,
      ColumnChoice columns,
      int streams,
      HoldOut held,
      Trial trial) {
    Rivals rivals = Rivals.of(a, b);
    List<Judged> ofA = new ArrayList<>();
    List<Judged> ofB = new ArrayList<>();
    for (RowsInput text : texts) {
      TextSplits.ToScore readByA = TextSplits.toScore(session, a, text, columns, held, Split.TEST);
      TextSplits.ToScore readByB = TextSplits.toScore(session, b, text, columns, held, Split.TEST);
      long tokens = readByA.tokens().tokens();
      Rivals.requireSameTokens(tokens, readByB.tokens().tokens());
      int cut = streams > 0 ? streams : streams(tokens - 1);
      ofA.add(EvaluateJob.text(session, a, readByA, cut));
      ofB.add(EvaluateJob.text(session, b, readByB, cut));
    }
    List<Dealing.Name> names =
        texts.size() == 1
            ? List.of(Dealing.ALL_ROWS)
            : List.of(Dealing.ALL_ROWS, Dealing.OLD, Dealing.NEW);
    return of(
        a.task().measure(), "tokens", names, joined(ofA), joined(ofB), trial, rivals.cautions());
  }

  private static int streams(long pairs) {
    long some = Math.max(FEW_STREAMS, pairs / LEAST_STREAM);
    return (int) Math.max(1, Math.min(pairs, Math.min(MOST_STREAMS, some)));
  }

  /** Returns what a model comes to on an old and a new text, each a part as well. */
  private static Judged joined(List<Judged> texts) {
    if (texts.size() == 1) {
      return texts.get(0);
    }
    SortedMap<Long, BlockErrors> blocks = new TreeMap<>();
    BlockErrors.Tally all = BlockErrors.Tally.NONE;
    UnknownTokens unknown = UnknownTokens.NONE;
    long tokens = 0;
    for (int t = 0; t < texts.size(); t++) {
      for (BlockErrors block : texts.get(t).blocks().values()) {
        BlockErrors.Tally tally = block.parts().get(Dealing.ALL);
        block.add(1 + t, tally);
        blocks.put((long) blocks.size(), block);
        all = all.plus(tally);
      }
      tokens += texts.get(t).score().scored();
      unknown = unknown.plus(texts.get(t).score().unknown());
    }
    return new Judged(Score.ofText(all.error(), tokens, unknown), blocks);
  }

  private static void requireSameLabels(String a, String b) {
    if (!Objects.equals(a, b)) {
      throw new InputException(
          "The models learnt different columns: one %s, the other %s. Name the one to compare them on with --label."
              .formatted(a, b));
    }
  }

  private static void requireSameRows(
      SortedMap<Long, BlockErrors> a, SortedMap<Long, BlockErrors> b) {
    for (long block : Stream.concat(a.keySet().stream(), b.keySet().stream()).toList()) {
      long ofA = a.containsKey(block) ? a.get(block).parts().get(Dealing.ALL).rows() : 0;
      long ofB = b.containsKey(block) ? b.get(block).parts().get(Dealing.ALL).rows() : 0;
      if (ofA != ofB) {
        throw new InputException(
            ("The models can score different rows: of some rows one can score %s, the other %s. Leave"
                    + " out what one of them cannot read.")
                .formatted(Figures.count(ofA), Figures.count(ofB)));
      }
    }
  }

  private static Comparison of(
      Measure measure,
      String counted,
      List<Dealing.Name> names,
      Judged a,
      Judged b,
      Trial trial,
      List<String> cautions) {
    List<PairedBootstrap.Errors> errors = new ArrayList<>();
    for (int part = 0; part < names.size(); part++) {
      errors.add(errors(part, a.blocks(), b.blocks()));
    }
    Loss allA = sum(errors.get(Dealing.ALL).a());
    Loss allB = sum(errors.get(Dealing.ALL).b());
    if (measure.scoresLoss()
        && Math.abs(allA.weight() - allB.weight()) > ROUNDING * allA.weight()) {
      Rivals.requireSameTokens((long) allA.weight(), (long) allB.weight());
    }
    PairedBootstrap bootstrap =
        new PairedBootstrap(a.blocks().size(), trial.confidence(), trial.seed());
    PairedBootstrap.Interval[] intervals = bootstrap.intervals(errors, measure::score);
    List<Part> parts = new ArrayList<>();
    for (int part = 0; part < names.size(); part++) {
      int number = part;
      long rows =
          a.blocks().values().stream()
              .mapToLong(block -> block.parts().getOrDefault(number, BlockErrors.Tally.NONE).rows())
              .sum();
      if (rows == 0 && names.get(part).ofValue()) {
        continue;
      }
      double scoreA = measure.score(sum(errors.get(part).a()));
      double scoreB = measure.score(sum(errors.get(part).b()));
      parts.add(part(names.get(part), rows, scoreA, scoreB, intervals[part]));
    }
    List<String> notes = new ArrayList<>(cautions);
    notes.addAll(untold(parts));
    return new Comparison(measure, counted, trial.confidence(), parts, a.score(), b.score(), notes);
  }

  private static Part part(
      Dealing.Name name, long rows, double a, double b, PairedBootstrap.Interval interval) {
    boolean told = !Double.isNaN(b - a);
    return new Part(
        name.kind(),
        name.name(),
        rows,
        Double.isNaN(a) ? null : (Double) a,
        Double.isNaN(b) ? null : (Double) b,
        told ? (Double) (b - a) : null,
        told && interval != null ? (Double) interval.low() : null,
        told && interval != null ? (Double) interval.high() : null);
  }

  /**
   * Returns the errors of both models in the blocks that have rows of a part, or rows that one of
   * the models says are of it.
   */
  private static PairedBootstrap.Errors errors(
      int part, SortedMap<Long, BlockErrors> a, SortedMap<Long, BlockErrors> b) {
    List<Integer> places = new ArrayList<>();
    List<Loss> ofA = new ArrayList<>();
    List<Loss> ofB = new ArrayList<>();
    int place = 0;
    for (Map.Entry<Long, BlockErrors> block : a.entrySet()) {
      BlockErrors.Tally tallyA = block.getValue().parts().get(part);
      BlockErrors.Tally tallyB = b.get(block.getKey()).parts().get(part);
      if (tallyA != null || tallyB != null) {
        places.add(place);
        ofA.add(tallyA == null ? Loss.ZERO : tallyA.error());
        ofB.add(tallyB == null ? Loss.ZERO : tallyB.error());
      }
      place++;
    }
    return new PairedBootstrap.Errors(
        places.stream().mapToInt(Integer::intValue).toArray(),
        ofA.toArray(Loss[]::new),
        ofB.toArray(Loss[]::new));
  }

  private static Loss sum(Loss[] errors) {
    return Stream.of(errors).reduce(Loss.ZERO, Loss::plus);
  }

  private static List<String> untold(List<Part> parts) {
    List<String> few = parts.stream().filter(part -> part.low() == null).map(Part::name).toList();
    return few.isEmpty()
        ? List.of()
        : List.of(
            "Of %s there is too little to tell an interval, which takes %s blocks of rows or streams with something to score."
                .formatted(String.join(", ", few), PairedBootstrap.LEAST_BLOCKS));
  }

  /**
   * Returns the difference on all data for people: {@code +0.0312 accuracy (95 % interval +0.0104
   * to +0.0521)}.
   */
  public String words() {
    return "%s %s (%s)"
        .formatted(
            signed(all().difference()),
            unit(),
            all().low() == null
                ? "too little to tell an interval"
                : Figures.percent(confidence) + " interval " + interval(all()));
  }

  /** Returns what a part is measured by, in words: {@code accuracy}, or the F1 of a label. */
  public String measuredBy(Part part) {
    return part.isLabel() ? "F1" : measure.words();
  }

  private String unit() {
    return measure.scoresLoss() ? measure.lossUnit() : measure.words();
  }

  /** Returns all the data's part. */
  public Part all() {
    return parts.get(0);
  }

  /**
   * Returns the comparison as the fields of JSON. Its scores are such that more is better, and the
   * name of the measure says so: {@code accuracy}, {@code minus_rmse}, {@code minus_loss}.
   */
  public Map<String, Object> figures() {
    String figure = measure.scoresLoss() ? "loss" : measure.name();
    String name = measure.error() ? "minus_" + figure : figure;
    return Json.fields(
        "measure",
        name,
        "confidence",
        confidence,
        "parts",
        parts.stream().map(part -> part.figures(name)).toList(),
        "notes",
        notes);
  }

  /** Returns the table of all parts, the models called champion and challenger. */
  public Report.Table table() {
    return table("champion", "challenger");
  }

  /**
   * Returns the table of all parts, with errors as they are called, and how much less of them is
   * better.
   *
   * @param a what the first model is called
   * @param b what the second model is called
   */
  public Report.Table table(String a, String b) {
    List<List<String>> rows = new ArrayList<>();
    for (Part part : parts) {
      rows.add(
          List.of(
              part.isLabel() ? "F1 of label " + part.name() : part.name(),
              Figures.count(part.rows()),
              figure(part.a()),
              figure(part.b()),
              signed(part.difference()),
              interval(part)));
    }
    return new Report.Table(
        "Compared by " + unit(),
        List.of("part", counted, a, b, "gain", Figures.percent(confidence) + " interval"),
        rows);
  }

  private String figure(Double score) {
    return score == null ? "–" : Figures.fine(measure.error() ? 0 - score : score);
  }

  private static String signed(Double difference) {
    return difference == null ? "–" : (difference > 0 ? "+" : "") + Figures.fine(difference);
  }

  private static String interval(Part part) {
    return part.low() == null ? "–" : signed(part.low()) + " to " + signed(part.high());
  }
}
