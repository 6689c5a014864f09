// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.store.SavedModel;

/** What the report of a language model says. */
final class LanguageModelReport {
  private static final double[] TEMPERATURES = {0.5, 0.8, 1.0};
  private static final int SAMPLE_TOKENS = 400;

  private final LanguageModelRequest request;
  private final SavedModel saved;
  private final TextSplits text;

  LanguageModelReport(LanguageModelRequest request, SavedModel saved, TextSplits text) {
    this.request = request;
    this.saved = saved;
    this.text = text;
  }

  /** While the training goes on. */
  Report unfinished(List<EpochMetrics> epochs, int bestEpoch) {
    List<Report.Figure> figures = lossFigures(epochs.get(bestEpoch - 1));
    return report(
        epochs,
        bestEpoch,
        "This training has not finished: it is at epoch " + epochs.size() + ".",
        figures,
        List.of());
  }

  /** When all is done. */
  Report finished(LanguageModelResult result) {
    List<Report.Figure> figures = lossFigures(result.best());
    Loss test = result.training().test();
    if (test != null) {
      figures.add(new Report.Figure(Figures.loss(test.mean()), "nats per token, test"));
      figures.add(new Report.Figure(Figures.perplexity(Math.exp(test.mean())), "perplexity, test"));
    }
    MemoryPeaks memory = result.memory();
    figures.addAll(
        Report.Figure.costs(
            result.training().tokensPerSecond(),
            Measure.LANGUAGE_MODEL.counted(),
            result.seconds(),
            Math.max(memory.driver(), memory.worker())));
    return report(
        result.training().epochs(),
        result.training().bestEpoch(),
        TrainingCourse.describe(result.training()),
        figures,
        samples());
  }

  private Report report(
      List<EpochMetrics> epochs,
      int bestEpoch,
      String course,
      List<Report.Figure> figures,
      List<Report.Sample> samples) {
    return new Report(
        Measure.LANGUAGE_MODEL,
        "A language model of " + Settings.name(request.data().inputs()),
        sentence() + " " + course,
        figures,
        epochs,
        bestEpoch,
        samples,
        List.of(),
        Settings.words(saved.config().training()),
        Settings.words(saved.config().provenance()),
        request.run().command());
  }

  private String sentence() {
    return Descriptions.of(saved.model().spec())
        + ", "
        + Figures.count(saved.params().length, "parameter")
        + ", on "
        + text.describe();
  }

  private static List<Report.Figure> lossFigures(EpochMetrics best) {
    String where = best.valid() == null ? "training" : "validation";
    double loss = best.watched().mean();
    List<Report.Figure> figures = new ArrayList<>();
    figures.add(new Report.Figure(Figures.loss(loss), "nats per token, " + where));
    figures.add(new Report.Figure(Figures.perplexity(Math.exp(loss)), "perplexity, " + where));
    figures.add(new Report.Figure(Figures.loss(loss / Math.log(2)), "bits per token, " + where));
    return figures;
  }

  private List<Report.Sample> samples() {
    TextGenerator generator = TextGenerator.of(saved);
    long seed = request.run().train().seed();
    return DoubleStream.of(TEMPERATURES)
        .mapToObj(
            t ->
                new Report.Sample(
                    "temperature " + t + ", seed " + seed,
                    generator.text("", SAMPLE_TOKENS, new Sampling(t, 0, 1, seed)).strip()))
        .toList();
  }
}
