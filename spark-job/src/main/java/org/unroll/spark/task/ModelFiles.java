// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.ReportPage;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;

/** The model folder of a language model. */
final class ModelFiles implements TrainedFiles<LanguageModelResult> {
  private static final String TASK = "lm";

  private final ModelStore.Writer folder;
  private final LanguageModelRequest request;
  private final SequenceModel model;
  private final TextSplits text;
  private final RunIdentity run;

  /** How much of the vocabulary starts from given vectors; null for none. */
  private final Map<String, Object> embeddings;

  ModelFiles(
      ModelStore.Writer folder,
      LanguageModelRequest request,
      SequenceModel model,
      TextSplits text,
      RunIdentity run) {
    this.folder = folder;
    this.request = request;
    this.model = model;
    this.text = text;
    this.run = run;
    embeddings =
        request.embeddings() == null ? null : request.embeddings().figures(text.vocabulary());
  }

  /** For text of this model; without parameters yet. */
  TextGenerator generator() {
    return new TextGenerator(
        model, text.vocabulary(), Tokenizer.of(request.data().unit(), text.vocabulary()));
  }

  @Override
  public void keep(List<EpochMetrics> epochs, float[] params) {
    EpochMetrics last = epochs.get(epochs.size() - 1);
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("best_epoch", last.epoch());
    results.putAll(LanguageModelResult.lossFigures(last.watched()));
    Map<String, Object> provenance = provenance(results);
    provenance.put(ModelStore.UNFINISHED_RUN, run.id());
    SavedModel saved = saved(params, provenance);
    Report report = new LanguageModelReport(request, saved, text).unfinished(epochs, last.epoch());
    folder.replace(saved, MetricsLog.file(epochs, Measure.LANGUAGE_MODEL), ReportPage.of(report));
  }

  @Override
  public LanguageModelResult finish(TrainResult training, double seconds, MemoryPeaks memory) {
    EpochMetrics best = training.epochs().get(training.bestEpoch() - 1);
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("best_epoch", training.bestEpoch());
    results.putAll(LanguageModelResult.lossFigures(best.watched()));
    if (training.test() != null) {
      results.put("test_loss", training.test().mean());
    }
    SavedModel saved = saved(training.params(), provenance(results));
    LanguageModelResult result =
        new LanguageModelResult(
            saved, training, text.sources().train().tokens(), seconds, memory, request.run().out());
    Report report = new LanguageModelReport(request, saved, text).finished(result);
    folder.replace(
        saved, MetricsLog.file(training.epochs(), Measure.LANGUAGE_MODEL), ReportPage.of(report));
    return result;
  }

  private SavedModel saved(float[] params, Map<String, Object> provenance) {
    ModelConfig config =
        new ModelConfig(
            ModelConfig.FORMAT_VERSION,
            TASK,
            request.data().unit(),
            model.spec(),
            request.settings(),
            provenance);
    return new SavedModel(config, model, params, text.vocabulary());
  }

  private Map<String, Object> provenance(Map<String, Object> results) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("command", request.run().command());
    provenance.put("inputs", request.data().inputs());
    provenance.put("data_hash", text.hash());
    provenance.put("train_tokens", text.sources().train().tokens());
    provenance.put("valid_tokens", TextSplits.tokens(text.sources().valid()));
    provenance.put("test_tokens", TextSplits.tokens(text.sources().test()));
    if (embeddings != null) {
      provenance.put(EmbeddingStart.NAME, embeddings);
    }
    Settings.programs(provenance);
    provenance.put("results", results);
    return provenance;
  }
}
