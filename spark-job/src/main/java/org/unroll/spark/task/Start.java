// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.store.SavedModel;

/**
 * Another model that the parameters of a training start from: whole ({@link ModelStart}), or as far
 * as its parts fit ({@link PartsStart}). The optimiser and the learning rate begin anew.
 */
public sealed interface Start permits ModelStart, PartsStart {

  /**
   * What a training begins with.
   *
   * @param params in the layout of its network
   * @param provenance what {@code config.json} has of it
   * @param told what is told of it at the beginning, or null for nothing
   */
  record Beginning(float[] params, Map<String, Object> provenance, String told) {}

  /** Returns the name that options and files have for it. */
  String name();

  /** Returns the other model. */
  SavedModel model();

  /**
   * Returns what a training begins with.
   *
   * @param task what is learnt
   * @throws InputException if the model's parameters stand for something else than those of the
   *     training
   */
  Beginning begin(String task, TrainingData.Facts facts, TrainSpec train);
}
