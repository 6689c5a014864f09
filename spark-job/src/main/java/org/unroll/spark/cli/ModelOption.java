// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.ReadingModel;
import picocli.CommandLine.Option;

/** A model that was trained before. */
final class ModelOption {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of the model, on any Hadoop file system.")
  String model;

  SavedModel read() {
    if (model == null) {
      throw missing();
    }
    return ModelStore.read(model);
  }

  /** What the model does. */
  String task() {
    if (model == null) {
      throw missing();
    }
    return ModelStore.task(model);
  }

  ReadingModel readReading() {
    if (model == null) {
      throw missing();
    }
    return ReadingModel.of(ModelStore.readReader(model));
  }

  private static InputException missing() {
    return new InputException(
        "--model is missing: name the folder that train wrote, as in --model work/model.");
  }
}
