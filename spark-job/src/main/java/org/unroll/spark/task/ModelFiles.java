// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.Window;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.MetricsLog;
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
 */
record ModelFiles(
    ModelStore.Writer folder,
    TrainRequest request,
    TrainingData data,
    Checkpoints.RunIdentity run,
    Map<String, Object> embeddings,
    Map<String, Object> start) {
  /** Takes the folder for this run, which may have begun it before. */
  void claim() {
    folder.claim(run.id());
  }

  /** Keeps the parameters of the last of these epochs. */
  void keep(List<EpochMetrics> epochs, float[] params) {
    EpochMetrics last = epochs.get(epochs.size() - 1);
    String course = "This training has not finished: it is at epoch " + epochs.size() + ".";
    write(params, epochs, last.epoch(), course, data.unfinished(last), run.id());
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
    write(training.params(), training.epochs(), training.bestEpoch(), course, outcome, null);
  }

  private void write(
      float[] params,
      List<EpochMetrics> epochs,
      int best,
      String course,
      TrainingData.Outcome outcome,
      String unfinishedRun) {
    Map<String, Object> provenance = provenance(outcome.results());
    if (unfinishedRun != null) {
      provenance.put(ModelStore.UNFINISHED_RUN, unfinishedRun);
    }
    TrainingData.Facts facts = data.facts();
    NetworkSpec network = facts.network();
    Map<String, Object> settings = new LinkedHashMap<>(facts.settings());
    settings.keySet().retainAll(request.settings().keySet());
    request.settings().forEach(settings::putIfAbsent);
    SavedModel saved =
        new SavedModel(
            new ModelConfig(
                request.task().name(), facts.description(), network, settings, provenance),
            params,
            facts.vocabularies(),
            facts.characters(),
            facts.target(),
            outcome.tensors());
    Report report =
        new Report(
            request.task().measure(),
            title(),
            "%s, %s, on %s %s"
                .formatted(
                    describe(request, network),
                    Figures.count(params.length, "parameter"),
                    facts.amount(),
                    course),
            outcome.page(),
            epochs,
            best,
            outcome.samples(),
            outcome.examples(),
            outcome.lengths(),
            outcome.tables(),
            words(settings),
            words(provenance),
            request.run().command());
    folder.replace(saved, MetricsLog.file(epochs, request.task().measure()), ReportPage.of(report));
  }

  private String title() {
    List<String> inputs = request.data().inputs();
    String first = inputs.get(0).replaceFirst("/+$", "").replaceFirst(".*/", "");
    String name = inputs.size() == 1 ? first : first + " and " + (inputs.size() - 1) + " more";
    return request.task() instanceof LanguageModel
        ? "A language model of " + name
        : "A model to " + request.task().purpose() + " " + name;
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

  /**
   * Writes the best parameters so far to the model folder, so that a run that is cut short leaves
   * them. Where epochs are so short that writing would take longer than training, they wait a
   * little.
   */
  static final class BestKeeper implements TrainListener {
    /** Writing takes at most about a tenth of the time. */
    private static final int PAUSE = 10;

    private final BiConsumer<List<EpochMetrics>, float[]> files;
    private final LongSupplier nanoTime;
    private final List<EpochMetrics> epochs = new ArrayList<>();
    private int waitingEpochs;
    private float[] waitingParams;
    private long due;

    /**
     * Makes a keeper that has nothing to write yet.
     *
     * @param files keeps the parameters of the last of some epochs
     */
    BestKeeper(BiConsumer<List<EpochMetrics>, float[]> files, LongSupplier nanoTime) {
      this.files = files;
      this.nanoTime = nanoTime;
      this.due = nanoTime.getAsLong();
    }

    @Override
    public void resumed(Window next, List<EpochMetrics> past) {
      epochs.addAll(past);
    }

    @Override
    public void epoch(EpochMetrics epoch, boolean best, float[] params) {
      epochs.add(epoch);
      boolean isDue = nanoTime.getAsLong() - due >= 0;
      if (best && isDue) {
        write(epochs.size(), params);
      } else if (best) {
        waitingEpochs = epochs.size();
        waitingParams = params.clone();
      } else if (isDue && waitingParams != null) {
        write(waitingEpochs, waitingParams);
      }
    }

    private void write(int first, float[] params) {
      long start = nanoTime.getAsLong();
      files.accept(List.copyOf(epochs.subList(0, first)), params);
      long end = nanoTime.getAsLong();
      due = end + PAUSE * (end - start);
      waitingParams = null;
    }
  }
}
