// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.ReaderConfig;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.ReportPage;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedReader;

/** The model folder of a reading task. */
final class ReadingFiles implements TrainedFiles<ReadingResult> {
  private final SparkSession spark;
  private final ModelStore.Writer folder;
  private final ReadingRequest request;
  private final ReadingSplits splits;
  private final ReaderSpec model;
  private final Measure measure;
  private final RunIdentity run;

  /** How much of the first column's words start from given vectors; null for none. */
  private final Map<String, Object> embeddings;

  private ReadingTask task;

  ReadingFiles(
      SparkSession spark,
      ModelStore.Writer folder,
      ReadingRequest request,
      ReadingSplits splits,
      ReaderSpec model,
      Measure measure,
      RunIdentity run) {
    this.spark = spark;
    this.folder = folder;
    this.request = request;
    this.splits = splits;
    this.model = model;
    this.measure = measure;
    this.run = run;
    this.embeddings =
        request.embeddings() == null
            ? null
            : request.embeddings().figures(splits.encoder().vocabularies().get(0));
    this.task = splits.encoder().task();
  }

  @Override
  public void keep(List<EpochMetrics> epochs, float[] params) {
    EpochMetrics last = epochs.get(epochs.size() - 1);
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("best_epoch", last.epoch());
    results.put("loss", last.watched().mean());
    Map<String, Object> provenance = provenance(results);
    provenance.put(ModelStore.UNFINISHED_RUN, run.id());
    String course = "This training has not finished: it is at epoch " + epochs.size() + ".";
    List<Report.Figure> figures = ReadingFigures.unfinished(last, measure);
    write(params, provenance, epochs, last.epoch(), course, figures, List.of());
  }

  @Override
  public ReadingResult finish(TrainResult training, double seconds, MemoryPeaks memory) {
    ReaderInHand reader =
        new ReaderInHand(splits.encoder(), model, training.params(), request.network().beam());
    task = task.finished(spark, reader, splits.train());
    reader = reader.with(task);
    ReadingScore valid = score(reader, splits.valid());
    ReadingScore test = score(reader, splits.test());
    ReadingResult result =
        new ReadingResult(
            measure.counted(),
            training,
            training.params().length,
            valid,
            test,
            embeddings,
            seconds,
            memory,
            request.run().out());
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("best_epoch", training.bestEpoch());
    results.putAll(result.scores());
    List<Report.Table> tables = new ArrayList<>();
    if (test != null) {
      test.tables().forEach(table -> tables.add(titled(table, "test data")));
    } else if (valid != null) {
      valid.tables().forEach(table -> tables.add(titled(table, "validation data")));
    }
    write(
        training.params(),
        provenance(results),
        training.epochs(),
        training.bestEpoch(),
        TrainingCourse.describe(training),
        ReadingFigures.of(result, measure),
        tables);
    return result;
  }

  private ReadingScore score(ReaderInHand reader, RowSet data) {
    return data == null
        ? null
        : ReadingScore.of(spark, reader, data, request.data().input().onBadRow());
  }

  private static Report.Table titled(Report.Table table, String of) {
    return new Report.Table(table.heading() + ", " + of, table.columns(), table.rows());
  }

  private void write(
      float[] params,
      Map<String, Object> provenance,
      List<EpochMetrics> epochs,
      int best,
      String course,
      List<Report.Figure> figures,
      List<Report.Table> tables) {
    Map<String, Object> training = request.run().settings();
    SavedReader saved =
        new SavedReader(
            new ReaderConfig(request.task().name(), splits.fields(), model, training, provenance),
            params,
            splits.encoder().vocabularies(),
            splits.encoder().characters(),
            task.tensors());
    Report report =
        new Report(
            measure,
            "A model to " + task.purpose() + " " + Settings.name(paths()),
            request.network().describe() + ", on " + splits.describe() + " " + course,
            figures,
            epochs,
            best,
            List.of(),
            tables,
            Settings.words(training),
            Settings.words(provenance),
            request.run().command());
    folder.replace(saved, MetricsLog.file(epochs, measure), ReportPage.of(report));
  }

  private List<String> paths() {
    return request.data().input().paths();
  }

  private Map<String, Object> provenance(Map<String, Object> results) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("command", request.run().command());
    provenance.put("inputs", paths());
    provenance.put("data_hash", splits.hash());
    provenance.put("train_rows", splits.train().count());
    provenance.put("skipped_rows", splits.skipped());
    if (embeddings != null) {
      provenance.put(EmbeddingStart.NAME, embeddings);
    }
    Settings.programs(provenance);
    provenance.put("results", results);
    return provenance;
  }
}
