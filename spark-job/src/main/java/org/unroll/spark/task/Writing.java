// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * A task whose network reads a row and writes a text about it: an encoder and a decoder. It learns
 * every text that a row has as right, and the best epoch is the one that knows all of those of the
 * validation rows best; an evaluation tells the loss of the first of them, and compares what the
 * network writes by itself with all.
 */
public sealed interface Writing extends RowTask permits Translate, Caption, Execute {

  /**
   * A form is what a task that writes is told of rows and answers.
   *
   * @param mostRead steps of a row to learn from; 0 for no limit
   * @param mostWritten tokens of a text to learn, without its end; 0 for no limit
   * @param best how many texts are told of a row, the best first
   * @param alignment whether it is told what the decoder looked at
   */
  record Form(int mostRead, int mostWritten, int best, boolean alignment)
      implements java.io.Serializable {
    /** What is so where nobody says otherwise. */
    public static final Form USUAL = new Form(0, 0, 1, false);
  }

  /** Returns what it was told. */
  Form form();

  /** Returns the same task with what it is told. */
  Writing with(Form other);

  /** Returns what is added up of the texts that the network writes by itself. */
  List<AnswerMetric.Kind> kinds();

  /** Returns whether rows differ in length, so that figures are told by it. */
  default boolean byLength() {
    return true;
  }

  /** Returns the name of the share of tokens that are right behind the right ones before them. */
  default String accuracyName() {
    return "token_accuracy";
  }

  @Override
  default Measure measure() {
    return Measure.LANGUAGE_MODEL;
  }

  @Override
  default LabelKind labelKind() {
    return LabelKind.TEXTS;
  }

  /** Returns none: texts are no classes. */
  @Override
  default Map<String, Long> labels(RowSet train) {
    return Map.of();
  }

  @Override
  default List<Example> toLearn(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    List<Example> all = toValidate(row, encoder);
    requireMost("steps", "--max-source-length", all.get(0).steps(), form().mostRead());
    for (Example text : all) {
      int tokens = text.labels().length - 1;
      requireMost("tokens to be written", "--max-target-length", tokens, form().mostWritten());
    }
    return all;
  }

  /** Returns every text that is right, so that the best epoch is the best at all of them. */
  @Override
  default List<Example> toValidate(SequenceRow row, RowEncoder encoder) {
    Example read = toRead(row, encoder);
    return Stream.of(row.stepLabels())
        .map(text -> read.withLabels(encoder.target().ids(text)))
        .toList();
  }

  private static void requireMost(String what, String option, int found, int most)
      throws UnusableRowException {
    if (most > 0 && found > most) {
      throw new UnusableRowException(
          "it has %s %s, but %s is %s".formatted(found, what, option, most));
    }
  }

  @Override
  default Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    String[] texts = row.stepLabels();
    return toRead(row, encoder)
        .withLabels(encoder.target().ids(texts[0]))
        .withTexts(Stream.of(texts).map(encoder.target()::reference).toList());
  }

  @Override
  default List<String> right(SequenceRow row) {
    return List.of(row.stepLabels());
  }

  @Override
  default UnknownTokens unknown(SequenceRow row, RowEncoder encoder) {
    UnknownTokens unknown = UnknownTokens.of(row, encoder);
    if (row.stepLabels() == null) {
      return unknown;
    }
    int[] ids = encoder.target().ids(row.stepLabels()[0]);
    return unknown.plus(new UnknownTokens(ids.length, encoder.target().unknown(ids)));
  }

  @Override
  default HeadSpec head(RowEncoder encoder, NetworkChoice choice) {
    return choice.vocabulary(encoder.target().vocabulary().size(), choice.smoothing());
  }

  @Override
  default Metric metric(RowEncoder encoder) {
    return new Metric.Accuracy(accuracyName());
  }

  /** Returns what validation counts, and what the texts are worth that the network writes. */
  @Override
  default Metric.Both scoring(RowEncoder encoder) {
    return new Metric.Both(
        metric(encoder), new AnswerMetric(encoder.target(), kinds(), byLength()));
  }

  @Override
  default Findings findings(double[] sums, RowEncoder encoder) {
    Metric.Both scoring = scoring(encoder);
    return Findings.of(((AnswerMetric) scoring.second()).lengths(scoring.ofSecond(sums)));
  }

  /** Returns the perplexity of a token as well. */
  @Override
  default Map<String, Double> figures(double loss, double[] sums, RowEncoder encoder) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("perplexity", Math.exp(loss));
    figures.putAll(scoring(encoder).figures(sums));
    return figures;
  }

  /**
   * Returns {@code prediction} and its {@code score}; where several are told {@code n_best} and
   * {@code n_best_scores}, and where it is asked for {@code alignment}: for every token that was
   * written, the end among them, how much the decoder looked at each step that was read.
   */
  @Override
  default StructType columns() {
    StructType columns =
        new StructType().add("prediction", DataTypes.StringType).add("score", DataTypes.DoubleType);
    if (form().best() > 1) {
      columns =
          columns
              .add("n_best", DataTypes.createArrayType(DataTypes.StringType, false))
              .add("n_best_scores", DataTypes.createArrayType(DataTypes.FloatType, false));
    }
    if (form().alignment()) {
      columns =
          columns.add(
              "alignment",
              DataTypes.createArrayType(
                  DataTypes.createArrayType(DataTypes.FloatType, false), false));
    }
    return columns;
  }

  @Override
  default Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    List<Prediction.Written> written = said.written();
    Prediction.Written best = written.get(0);
    List<Object> told = new ArrayList<>();
    told.add(encoder.target().text(best.tokens()));
    told.add(best.score());
    if (form().best() > 1) {
      told.add(written.stream().map(w -> encoder.target().text(w.tokens())).toArray(String[]::new));
      float[] scores = new float[written.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) written.get(i).score();
      }
      told.add(scores);
    }
    if (form().alignment()) {
      told.add(best.attention());
    }
    return told.toArray();
  }
}
