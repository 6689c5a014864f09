// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Search;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.SharedModel;
import org.unroll.spark.task.TaskModel;

/** What all copies of a model share: its files, and its numbers on the executors. */
final class ModelContent {
  private final ModelStore.Whole whole;
  private final TaskModel model;
  private SharedModel shared;
  private String application;

  private ModelContent(ModelStore.Whole whole) {
    this.whole = whole;
    this.model = TaskModel.of(whole.model());
  }

  /**
   * Reads a model folder, whoever wrote it.
   *
   * @throws InputException if there is none, or it is damaged
   */
  static ModelContent read(String folder) {
    return new ModelContent(ModelStore.readWhole(folder));
  }

  /** Returns the model. */
  TaskModel model() {
    return model;
  }

  /** Returns what Spark ML kept of the model in its folder; null where a command wrote it. */
  String metadataOrNull() {
    return whole.metadata();
  }

  /**
   * Returns the model on the executors, to which it travels once.
   *
   * @param telling the same model, told what answers say
   * @param search how answers are looked for
   */
  synchronized SharedModel shared(SparkSession session, TaskModel telling, Search search) {
    String running = session.sparkContext().applicationId();
    if (shared == null || !running.equals(application)) {
      shared = SharedModel.of(session, model, Search.GREEDY);
      application = running;
    }
    return shared.telling(telling, search);
  }

  /** Returns the course of the training, or nothing if the model was not trained here. */
  Optional<TrainingSummary> summary() {
    String figure = model.task().measure().name();
    return whole
        .metrics((in, source) -> MetricsLog.read(in, source, figure))
        .map(epochs -> new TrainingSummary(figure, epochs, bestEpoch(epochs.size())));
  }

  private int bestEpoch(int usual) {
    Object results = whole.model().config().provenance().get("results");
    return results instanceof Map<?, ?> told && told.get("best_epoch") instanceof Number best
        ? best.intValue()
        : usual;
  }

  /**
   * Writes the folder of the model, whole or not at all.
   *
   * @param overwrite whether a model that is there may be replaced
   * @param metadata what Spark ML keeps of it
   * @throws InputException if something is there that may not be replaced
   */
  void write(String folder, boolean overwrite, String metadata) {
    new ModelStore.Writer(folder, overwrite)
        .replace(new ModelStore.Whole(whole.model(), whole.others(), metadata));
  }

  /** Returns about how many bytes the numbers and tokens take. */
  long bytes() {
    long tokens = whole.model().vocabularies().stream().mapToLong(v -> v.size()).sum();
    return Float.BYTES * (long) whole.model().params().length + 64 * tokens;
  }
}
