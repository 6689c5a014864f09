// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;

/** The text that a language model is trained on, in streams. */
record TrainingText(TrainRequest request, TextSplits text, TextShards shards)
    implements TrainingData {
  private static final double[] TEMPERATURES = {0.5, 0.8, 1.0};
  private static final int PAGE_TOKENS = 400;
  private static final int SAMPLE_TOKENS = 160;
  private static final Sampling SAMPLING = new Sampling(0.7, 0, 1, 1);

  /** Counts the text, as Spark jobs; of a prepared corpus only its description is read. */
  static TrainingText open(SparkSession spark, TrainRequest request) {
    TrainRequest.Text asked = (TrainRequest.Text) request.data();
    TextSplits text = TextSplits.open(spark, asked, request.train().window());
    return new TrainingText(request, text, new TextShards(text.sources(), request.train()));
  }

  @Override
  public String describe() {
    return text.describe();
  }

  @Override
  public String hash() {
    return text.hash();
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("unit", text.data().unit());
    settings.put("vocab_size", text.data().vocabularySize());
    settings.put("min_count", text.data().minCount());
    return settings;
  }

  @Override
  public Map<String, Object> description() {
    return Map.of("unit", text.data().unit());
  }

  @Override
  public Map<String, Object> amounts() {
    Map<String, Object> amounts = new LinkedHashMap<>();
    amounts.put("train_tokens", text.sources().train().tokens());
    amounts.put("valid_tokens", TextSplits.tokens(text.sources().valid()));
    amounts.put("test_tokens", TextSplits.tokens(text.sources().test()));
    return amounts;
  }

  @Override
  public List<Vocabulary> vocabularies() {
    return List.of(text.vocabulary());
  }

  @Override
  public NetworkSpec network() {
    return request.network().languageModel(text.vocabulary().size(), request.frozen());
  }

  @Override
  public long bytes(int count) {
    return shards.bytes(count);
  }

  @Override
  public Outcome unfinished(EpochMetrics best) {
    return new Outcome(
        results(best), Map.of(), Map.of(), page(best), List.of(), List.of(), Map.of());
  }

  private static EvaluateJob.Score score(Loss loss) {
    return EvaluateJob.Score.ofText(loss, (long) loss.weight());
  }

  private static Map<String, Object> results(EpochMetrics best) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("best_epoch", best.epoch());
    results.putAll(score(best.watched()).figures());
    return results;
  }

  private static List<Report.Figure> page(EpochMetrics best) {
    String where = best.valid() == null ? "training" : "validation";
    double loss = best.watched().mean();
    List<Report.Figure> page = new ArrayList<>();
    page.add(new Report.Figure(Figures.loss(loss), "nats per token, " + where));
    page.add(new Report.Figure(Figures.perplexity(Math.exp(loss)), "perplexity, " + where));
    page.add(new Report.Figure(Figures.loss(loss / Math.log(2)), "bits per token, " + where));
    return page;
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
    List<Report.Figure> page = page(best);
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
    figures.put("tokens", text.sources().train().tokens());
    page.addAll(
        Report.Figure.costs(
            training.tokensPerSecond(), Measure.LANGUAGE_MODEL.counted(), seconds, peakMemory));
    return new Outcome(
        results, figures, lines, page, List.of(), samples(training.params()), Map.of());
  }

  private List<Report.Sample> samples(float[] params) {
    TextGenerator generator = generator(params);
    long seed = request.train().seed();
    return DoubleStream.of(TEMPERATURES)
        .mapToObj(
            t ->
                new Report.Sample(
                    "temperature " + t + ", seed " + seed,
                    generator.text("", PAGE_TOKENS, new Sampling(t, 0, 1, seed)).strip()))
        .toList();
  }

  private TextGenerator generator(float[] params) {
    Network network = new Network(network());
    return new TextGenerator(network, params, text.vocabulary(), text.data().unit());
  }

  @Override
  public String sample(float[] params) {
    return generator(params).text("", SAMPLE_TOKENS, SAMPLING).strip();
  }
}
