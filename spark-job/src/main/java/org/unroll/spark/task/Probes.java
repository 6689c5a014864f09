// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.SavedReader;

/**
 * What tells where an agent is: linear probes (Alain and Bengio 2016), one of its state and, to
 * compare with, one of its last observation alone.
 *
 * @param ofState of the state {@code [W]}
 * @param ofObservation of the observation: which one it is, {@code [O]}, or its scaled numbers
 */
record Probes(LinearProbe ofState, LinearProbe ofObservation) implements Serializable {
  private static final String STATE = "state";
  private static final String OBSERVATION = "observation";

  /** For files. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    ofState.put(STATE, tensors);
    ofObservation.put(OBSERVATION, tensors);
    return tensors;
  }

  /**
   * Those of a model.
   *
   * @throws org.unroll.rnn.io.InputException if a tensor is not there or has another shape
   */
  static Probes of(SavedReader saved, State task, RowEncoder encoder) {
    Map<String, Tensor> tensors = saved.probe();
    int places = task.places().size();
    int width = saved.config().model().encoder().outputSize();
    return new Probes(
        LinearProbe.of(STATE, tensors, places, width),
        LinearProbe.of(OBSERVATION, tensors, places, task.observationWidth(encoder)));
  }

  /** The place at a step of the agent, by the state behind its observation. */
  int placeByState(Prediction said, int networkSteps, int step) {
    int width = said.states().length / networkSteps;
    return ofState.place(said.states(), 2 * step * width);
  }

  /** The same by that observation alone; an unknown one tells nothing. */
  int placeByObservation(
      State task, SequenceRow row, SequenceExample example, RowEncoder encoder, int step) {
    return task.numeric()
        ? ofObservation.place(example.features(), 2 * step * encoder.channels())
        : ofObservation.placeOfOne(encoder.find(row.tokens()[0][step]));
  }
}
