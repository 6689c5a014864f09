// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.spark.store.SavedModel;

/**
 * Probes tell where an agent is: linear probes (Alain and Bengio 2016), one of its state and, to
 * compare with, one of its last observation alone.
 *
 * @param ofState of the state {@code [W]}
 * @param ofObservation of the observation: which one it is, {@code [O]}, or its scaled numbers
 */
record Probes(LinearProbe ofState, LinearProbe ofObservation) implements Serializable {
  private static final String STATE = "state";
  private static final String OBSERVATION = "observation";

  /** Returns the tensors of both, for files. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    ofState.put(STATE, tensors);
    ofObservation.put(OBSERVATION, tensors);
    return tensors;
  }

  /**
   * Returns the probes of a model.
   *
   * @throws org.unroll.rnn.io.InputException if a tensor is not there or has another shape
   */
  static Probes of(SavedModel saved, State task, RowEncoder encoder) {
    Map<String, Tensor> tensors = saved.tensors();
    int places = task.places().size();
    int width = saved.config().model().encoder().outputSize();
    return new Probes(
        LinearProbe.of(STATE, tensors, places, width),
        LinearProbe.of(OBSERVATION, tensors, places, task.observationWidth(encoder)));
  }

  /**
   * A linear map from vectors to the scores of places: softmax regression, as it was fitted.
   *
   * @param weight {@code [P, W]}
   * @param bias {@code [P]}
   */
  record LinearProbe(float[] weight, float[] bias) implements Serializable {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private int width() {
      return weight.length / bias.length;
    }

    /**
     * The place of the vector {@code [W]} that begins somewhere, of equally good ones the first.
     */
    int place(float[] x, int at) {
      int width = width();
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int p = 0; p < bias.length; p++) {
        double score = bias[p];
        for (int j = 0; j < width; j++) {
          score += (double) weight[p * width + j] * x[at + j];
        }
        if (score > most) {
          most = score;
          best = p;
        }
      }
      return best;
    }

    /** The place of a vector that is 1 in one element and 0 in all others; in all of them if -1. */
    int placeOfOne(int one) {
      int width = width();
      int best = 0;
      for (int p = 1; p < bias.length; p++) {
        if (scoreOfOne(p, one, width) > scoreOfOne(best, one, width)) {
          best = p;
        }
      }
      return best;
    }

    private double scoreOfOne(int place, int one, int width) {
      return bias[place] + (one < 0 ? 0.0 : weight[place * width + one]);
    }

    /** Adds its tensors under their names for files. */
    void put(String name, Map<String, Tensor> into) {
      into.put(name + WEIGHT, new Tensor(List.of(bias.length, width()), weight));
      into.put(name + BIAS, new Tensor(List.of(bias.length), bias));
    }

    /**
     * Reads what {@link #put} wrote.
     *
     * @throws InputException if it is not there or has another shape
     */
    static LinearProbe of(String name, Map<String, Tensor> tensors, int places, int width) {
      return new LinearProbe(
          values(name + WEIGHT, tensors, List.of(places, width)),
          values(name + BIAS, tensors, List.of(places)));
    }

    private static float[] values(String name, Map<String, Tensor> tensors, List<Integer> shape) {
      Tensor tensor = tensors.get(name);
      if (tensor == null || !tensor.shape().equals(shape)) {
        throw new InputException(
            "probe.safetensors of the model must have "
                + name
                + " of shape "
                + shape
                + (tensor == null ? ", but has none" : ", but it has " + tensor.shape())
                + ": it is not of the same model. Restore the folder from a copy or train again.");
      }
      return tensor.values();
    }
  }
}
