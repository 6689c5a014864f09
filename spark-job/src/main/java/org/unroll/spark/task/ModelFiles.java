// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.LivePage;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.report.Page;
import org.unroll.spark.report.Platform;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.ReportPage;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;

/**
 * The model folder of a training: its files after every better epoch, and at the end.
 *
 * @param embeddings the share of the first column's words that starts from given vectors; null for
 *     none
 * @param start what the provenance says of the model that parameters start from; null for none
 * @param live is told every page
 */
record ModelFiles(
    ModelStore.Writer folder,
    TrainRequest request,
    TrainingData data,
    Checkpoints.RunIdentity run,
    Map<String, Object> embeddings,
    Map<String, Object> start,
    LivePage live)
    implements BestKeeper.Files {
  /** Takes the folder for this run, which may have begun it before. */
  void claim() {
    folder.claim(run.id());
  }

  /**
   * Keeps parameters of a training that goes on.
   *
   * @param epochs that are over
   * @param kept the one whose parameters these are, from 1
   */
  @Override
  public void keep(List<EpochMetrics> epochs, int kept, float[] params) {
    TrainingData.Outcome outcome = data.unfinished(epochs.get(kept - 1), params);
    Map<String, Object> provenance = unfinished(outcome);
    Page page = page(epochs, kept, course(epochs), outcome, provenance);
    write(params, epochs.subList(0, kept), outcome, provenance, page);
    live.show(page);
  }

  /**
   * Writes the page of a training that goes on, beside the parameters that are there.
   *
   * @param epochs that are over
   * @param best one of them, from 1
   * @param params of the last
   */
  @Override
  public void show(List<EpochMetrics> epochs, int best, float[] params) {
    TrainingData.Outcome outcome = data.unfinished(epochs.get(best - 1), params);
    Page page = page(epochs, best, course(epochs), outcome, unfinished(outcome));
    folder.refresh(page.html());
    live.show(page);
  }

  private Map<String, Object> unfinished(TrainingData.Outcome outcome) {
    Map<String, Object> provenance = provenance(outcome.results());
    provenance.put(ModelStore.UNFINISHED_RUN, run.id());
    return provenance;
  }

  private static String course(List<EpochMetrics> epochs) {
    return "This training has not finished: it is at epoch " + epochs.size() + ".";
  }

  /** Writes the model of a training that has ended. */
  void finish(TrainResult training, TrainingData.Outcome outcome) {
    boolean cut = training.ending() == TrainResult.Ending.MAX_STEPS;
    String course =
        "Trained for %s, %s in all; the parameters of epoch %s were kept.%s"
            .formatted(
                Figures.count(training.epochs().size(), "epoch"),
                Figures.count(training.rounds(), "round"),
                training.bestEpoch(),
                cut
                    ? " It was to stop there (--max-steps), whether the epoch was over or not."
                    : "");
    Map<String, Object> provenance = provenance(outcome.results());
    Page page = page(training.epochs(), training.bestEpoch(), course, outcome, provenance);
    write(training.params(), training.epochs(), outcome, provenance, page);
    live.show(page);
  }

  private Map<String, Object> settings() {
    TrainingData.Facts facts = data.facts();
    Map<String, Object> settings = new LinkedHashMap<>(facts.settings());
    settings.keySet().retainAll(request.settings().keySet());
    request.settings().forEach(settings::putIfAbsent);
    return settings;
  }

  private void write(
      float[] params,
      List<EpochMetrics> epochs,
      TrainingData.Outcome outcome,
      Map<String, Object> provenance,
      Page page) {
    TrainingData.Facts facts = data.facts();
    SavedModel saved =
        new SavedModel(
            new ModelConfig(
                request.task().name(),
                facts.description(),
                facts.network(),
                settings(),
                provenance),
            params,
            facts.vocabularies(),
            facts.characters(),
            facts.target(),
            outcome.tensors());
    folder.replace(saved, MetricsLog.file(epochs, request.task().measure()), page.html());
  }

  private Page page(
      List<EpochMetrics> epochs,
      int best,
      String course,
      TrainingData.Outcome outcome,
      Map<String, Object> provenance) {
    NetworkSpec network = data.facts().network();
    return ReportPage.of(
        new Report(
            outcome.running(),
            request.task().measure(),
            request.title(),
            "%s, %s, on %s %s"
                .formatted(
                    describe(request, network),
                    Figures.count(new Network(network).layout().size(), "parameter"),
                    data.facts().amount(),
                    course),
            outcome.page(),
            epochs,
            best,
            outcome.samples(),
            outcome.examples(),
            outcome.findings(),
            words(settings()),
            words(provenance),
            request.run().command()));
  }

  /**
   * Returns a network in words, such as {@code LSTM, 2 layers of 128 units, embedding 128,
   * vocabulary 65}.
   */
  static String describe(TrainRequest request, NetworkSpec network) {
    DecoderSpec decoder = network.decoder();
    String layers = request.network().describe(decoder != null);
    return network.head() instanceof HeadSpec.Vocabulary words
        ? "%s, embedding %s%s, vocabulary %s"
            .formatted(
                layers,
                Figures.count(
                    decoder == null ? network.encoder().inputSize() : decoder.embedding()),
                words.tied() ? " (tied)" : "",
                Figures.count(words.tokens()))
        : layers;
  }

  private Map<String, Object> provenance(Map<String, Object> results) {
    Map<String, Object> provenance =
        Json.fields(
            "command", request.run().command(),
            "inputs", request.data().inputs(),
            "data_hash", data.facts().hash());
    provenance.putAll(data.facts().amounts());
    if (embeddings != null) {
      provenance.put(EmbeddingStart.NAME, embeddings);
    }
    if (request.start() != null) {
      provenance.put(request.start().name(), start);
    }
    provenance.putAll(Platform.versions());
    provenance.put("kernels", Ops.describeKernels());
    provenance.put("results", results);
    return provenance;
  }

  /** Returns settings as a report shows them: what is set; results are on its page already. */
  private static Map<String, String> words(Map<String, Object> values) {
    Map<String, String> words = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          String word = value instanceof Map ? "" : Figures.setting(name, value);
          if (!word.isEmpty()) {
            words.put(name.replace('_', ' '), word);
          }
        });
    return words;
  }
}
