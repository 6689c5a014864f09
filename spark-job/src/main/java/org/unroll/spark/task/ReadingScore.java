// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.OnBadRow;
import org.unroll.spark.rows.RowSet;

/**
 * How good a model's answers for some data are.
 *
 * @param figures by the names that commands print
 * @param tables in rows
 * @param rows that were scored
 * @param skipped rows that cannot be used
 */
public record ReadingScore(
    Map<String, Object> figures, List<Report.Table> tables, long rows, long skipped) {

  /**
   * Reads and scores all rows, as a Spark job.
   *
   * @throws org.unroll.rnn.io.InputException if a row cannot be used and those are not to be left
   *     out, or none is left
   */
  public static ReadingScore of(
      SparkSession session, ReadingModel model, RowSet data, int beam, OnBadRow onBadRow) {
    return of(
        session,
        new ReaderInHand(
            model.encoder(), model.saved().config().model(), model.saved().params(), beam),
        data,
        onBadRow);
  }

  static ReadingScore of(SparkSession session, ReaderInHand model, RowSet data, OnBadRow onBadRow) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<ReaderInHand> shared = spark.broadcast(model);
    try {
      List<ScorePart> parts =
          data.rows()
              .mapPartitions(rows -> List.of(ScorePart.of(shared.value(), rows)).iterator())
              .collect();
      ScorePart all = new ScorePart(model.encoder().task().score(model.encoder()));
      parts.forEach(all::add);
      if (all.rows.unusable() > 0 && (onBadRow == OnBadRow.FAIL || all.rows.examples() == 0)) {
        throw ShardEncoding.unusable(data, all.rows.first(), all.rows.reason());
      }
      Map<String, Object> figures = new LinkedHashMap<>();
      double loss = all.loss / all.weight;
      figures.put("loss", loss);
      figures.putAll(all.score.figures(loss));
      long skipped = data.skipped() + all.rows.unusable();
      return new ReadingScore(figures, all.score.tables(), all.rows.examples(), skipped);
    } finally {
      shared.destroy();
    }
  }

  /** Classes of others that Kryo is to have written as Java does. */
  public static Class<?>[] javaClasses() {
    return ProbeFit.javaClasses();
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      RowEncoder.class,
      ReaderInHand.class,
      ScorePart.class,
      ScorePart[].class,
      ShardSummary.class,
      ShardSummary[].class,
      ProbeWalk.class
    };
  }
}
