// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.model.ModelSpec;
import org.unroll.rnn.model.Sampling;
import org.unroll.rnn.train.Ending;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.spark.io.SavedModel;
import org.unroll.spark.ops.Figures;
import org.unroll.spark.ops.Report;

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
    figures.add(
        new Report.Figure(Figures.rate(result.training().tokensPerSecond()), "tokens per second"));
    figures.add(new Report.Figure(Figures.duration(result.seconds()), "time, all in all"));
    MemoryPeaks memory = result.memory();
    figures.add(
        new Report.Figure(
            Figures.bytes(Math.max(memory.driver(), memory.worker())), "memory, largest process"));
    int epochs = result.training().epochs().size();
    String course =
        "Trained for "
            + Descriptions.count(epochs, "epoch")
            + ", "
            + Descriptions.count(result.training().rounds(), "round")
            + " in all; the parameters of epoch "
            + result.training().bestEpoch()
            + " were kept."
            + (result.training().ending() == Ending.MAX_STEPS
                ? " It was to stop there (--max-steps), whether the epoch was over or not."
                : "");
    return report(
        result.training().epochs(), result.training().bestEpoch(), course, figures, samples());
  }

  private Report report(
      List<EpochMetrics> epochs,
      int bestEpoch,
      String course,
      List<Report.Figure> figures,
      List<Report.Sample> samples) {
    return new Report(
        "A language model of " + name(request.data().inputs()),
        sentence() + " " + course,
        figures,
        epochs,
        bestEpoch,
        samples,
        words(configuration()),
        words(saved.config().provenance()),
        request.command());
  }

  private static String name(List<String> inputs) {
    String first = inputs.get(0).replaceFirst("/+$", "").replaceFirst(".*/", "");
    return inputs.size() == 1 ? first : first + " and " + (inputs.size() - 1) + " more";
  }

  private String sentence() {
    return Descriptions.of(saved.model().spec())
        + ", "
        + Descriptions.count(saved.params().length, "parameter")
        + ", on "
        + text.describe();
  }

  private Map<String, Object> configuration() {
    ModelSpec model = saved.model().spec();
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("unit", saved.config().unit());
    configuration.put("cell", Descriptions.name(model.cell()));
    configuration.put("layers", model.layers());
    configuration.put("hidden", model.hidden());
    configuration.put("embedding", model.embedding());
    configuration.put("dropout", model.dropout());
    configuration.put("tied", model.tied());
    configuration.put("bias", model.bias());
    configuration.putAll(saved.config().training());
    return configuration;
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
    long seed = request.train().seed();
    return DoubleStream.of(TEMPERATURES)
        .mapToObj(
            t ->
                new Report.Sample(
                    "temperature " + t + ", seed " + seed,
                    generator.text("", SAMPLE_TOKENS, new Sampling(t, 0, 1, seed)).strip()))
        .toList();
  }

  /** The results that are part of the provenance are on the page already. */
  private static Map<String, String> words(Map<String, Object> values) {
    Map<String, String> words = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (!(value instanceof Map)) {
            words.put(name.replace('_', ' '), word(name, value));
          }
        });
    return words;
  }

  private static String word(String name, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
    if (value instanceof Double number) {
      return Figures.significant(number);
    }
    boolean counts = value instanceof Number && !name.equals("seed");
    return counts ? Figures.count(((Number) value).longValue()) : value.toString();
  }
}
