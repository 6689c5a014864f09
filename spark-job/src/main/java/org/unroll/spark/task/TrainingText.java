// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;

/** The text that a language model is trained on, in streams. */
record TrainingText(TrainRequest request, TextSplits text) implements TrainingData {
  private static final double[] TEMPERATURES = {0.5, 0.8, 1.0};
  private static final int PAGE_TOKENS = 400;
  private static final int SAMPLE_TOKENS = 160;
  private static final Sampling SAMPLING = new Sampling(0.7, 0, 1, 1);

  @Override
  public Facts facts() {
    TrainRequest.Text data = text.data();
    Map<String, Object> settings =
        Json.fields(
            "unit", data.unit(),
            "vocab_size", data.vocabularySize(),
            "min_count", data.minCount());
    Map<String, Object> amounts =
        Json.fields(
            "train_tokens", text.tokens(Split.TRAIN),
            "valid_tokens", text.tokens(Split.VALID),
            "test_tokens", text.tokens(Split.TEST));
    return new Facts(
        text.describe(),
        text.hash(),
        settings,
        TaskModel.fields(TextSplits.Origin.of(data)),
        amounts,
        List.of(text.vocabulary()),
        null,
        null,
        network());
  }

  private NetworkSpec network() {
    boolean learnedState = request.train().state() == StateMode.LEARNED;
    int tokens = text.vocabulary().size();
    return request.network().languageModel(tokens, learnedState, request.frozen());
  }

  @Override
  public TextShards shards() {
    return new TextShards(text.sources(), request.train());
  }

  @Override
  public Outcome unfinished(EpochMetrics best, float[] params) {
    String how = "temperature %s, seed %s".formatted(SAMPLING.temperature(), SAMPLING.seed());
    return new Outcome(
        results(best), page(best), List.of(new Report.Sample(how, sample(params))), List.of());
  }

  private static EvaluateJob.Score score(Loss loss) {
    return EvaluateJob.Score.ofText(loss, (long) loss.weight(), UnknownTokens.NONE);
  }

  private static Map<String, Object> results(EpochMetrics best) {
    Map<String, Object> results = Json.fields("best_epoch", best.epoch());
    results.putAll(score(best.watched()).figures());
    return results;
  }

  private static List<Report.Figure> page(EpochMetrics best) {
    String where = best.valid() == null ? "training" : "validation";
    double loss = best.watched().mean();
    return List.of(
        new Report.Figure(Figures.loss(loss), "nats per token, " + where),
        new Report.Figure(Figures.perplexity(Math.exp(loss)), "perplexity, " + where),
        new Report.Figure(Figures.loss(loss / Math.log(2)), "bits per token, " + where));
  }

  @Override
  public Outcome finished(TrainResult training, double seconds, long peakMemory) {
    EpochMetrics best = training.epochs().get(training.bestEpoch() - 1);
    Map<String, Object> results = results(best);
    EvaluateJob.Score score = score(best.watched());
    Map<String, Object> figures = new LinkedHashMap<>(score.figures());
    Map<String, String> lines = new LinkedHashMap<>();
    String heading = best.valid() == null ? "training loss" : "validation loss";
    lines.put(heading, score.words());
    List<Report.Figure> page = new ArrayList<>(page(best));
    if (training.test() != null) {
      double loss = training.test().mean();
      results.put("test_loss", loss);
      figures.put("test_loss", loss);
      figures.put("test_perplexity", Math.exp(loss));
      lines.put("test loss", score(training.test()).words());
      page.add(new Report.Figure(Figures.loss(loss), "nats per token, test"));
      page.add(new Report.Figure(Figures.perplexity(Math.exp(loss)), "perplexity, test"));
    }
    figures.put("vocabulary", text.vocabulary().size());
    figures.put("tokens", text.tokens(Split.TRAIN));
    page.addAll(
        Report.Figure.costs(
            training.tokensPerSecond(), Measure.LANGUAGE_MODEL.counted(), seconds, peakMemory));
    return new Outcome(
        false,
        results,
        figures,
        lines,
        page,
        Findings.NONE,
        samples(training.params()),
        List.of(),
        Map.of());
  }

  private List<Report.Sample> samples(float[] params) {
    LanguageModel.Writer generator = generator(params);
    long seed = request.train().seed();
    return DoubleStream.of(TEMPERATURES)
        .mapToObj(
            t ->
                new Report.Sample(
                    "temperature " + t + ", seed " + seed,
                    generator.text("", PAGE_TOKENS, new Sampling(t, 0, 1, seed)).strip()))
        .toList();
  }

  private LanguageModel.Writer generator(float[] params) {
    Network network = new Network(network());
    return new LanguageModel.Writer(network, params, text.vocabulary(), text.data().unit());
  }

  @Override
  public String sample(float[] params) {
    return generator(params).text("", SAMPLE_TOKENS, SAMPLING).strip();
  }
}
