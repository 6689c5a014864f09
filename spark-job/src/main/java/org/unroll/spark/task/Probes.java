// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.SavedModel;

/**
 * Probes tell where an agent is: linear probes (Alain and Bengio 2016), one of its state and, to
 * compare with, one of its last observation alone.
 *
 * @param ofState of the state {@code [W]}
 * @param ofObservation of the observation: which one it is, {@code [O]}, or its scaled numbers
 */
record Probes(LinearProbe ofState, LinearProbe ofObservation) implements Serializable {
  static final String STATE = "state";
  static final String OBSERVATION = "observation";

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
    int places = task.form().places().size();
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

    /** Returns the place of the vector {@code [W]} that begins somewhere. */
    int place(float[] x, int at) {
      int width = width();
      return best(
          p -> {
            double score = bias[p];
            for (int j = 0; j < width; j++) {
              score += (double) weight[p * width + j] * x[at + j];
            }
            return score;
          });
    }

    /**
     * Returns the place of a vector that is 1 in one element and 0 in all others; in all of them if
     * -1.
     */
    int placeOfOne(int one) {
      return best(p -> bias[p] + (one < 0 ? 0.0 : weight[p * width() + one]));
    }

    /** Returns the place with the highest score, of equally good ones the first. */
    private int best(IntToDoubleFunction score) {
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int p = 0; p < bias.length; p++) {
        double own = score.applyAsDouble(p);
        if (own > most) {
          most = own;
          best = p;
        }
      }
      return best;
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
            "probe.safetensors of the model must have %s of shape %s, but ".formatted(name, shape)
                + (tensor == null ? "has none" : "it has " + tensor.shape())
                + ": it is not of the same model. Restore the folder from a copy or train again.");
      }
      return tensor.values();
    }
  }

  /**
   * This metric counts how much of where an agent is can be read from its states by linear probes,
   * and from its last observations alone. The sums are, by how many observations were felt (1, 2 to
   * 3, 4 to 7 and so on): how many places there are, and how many are told from the state and from
   * the observation.
   *
   * @param probe of the state
   */
  record Accuracy(LinearProbe probe) implements Metric {
    private static final int WIDTH = 3;

    /**
     * Returns of every step of a row the id of its place, -1 for one that is not known, and then of
     * every step the place that its observation alone tells; an unknown one tells nothing.
     */
    static double[] reference(State task, SequenceRow row, Example inputs, RowEncoder encoder) {
      int steps = row.steps();
      Map<String, Integer> placeIds = task.placeIds();
      LinearProbe ofObservation = task.probes().ofObservation();
      double[] reference = new double[2 * steps];
      for (int t = 0; t < steps; t++) {
        reference[t] = placeIds.getOrDefault(row.stepLabels()[t], -1);
        reference[steps + t] =
            task.form().numeric()
                ? ofObservation.place(inputs.features(), 2 * t * encoder.channels())
                : ofObservation.placeOfOne(encoder.find(row.tokens()[0][t]));
      }
      return reference;
    }

    @Override
    public int size() {
      return WIDTH * Integer.SIZE;
    }

    @Override
    public boolean readsStates() {
      return true;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      double[] reference = example.reference();
      if (reference == null) {
        return sums;
      }
      int steps = example.steps() / 2;
      int width = prediction.states().length / example.steps();
      for (int t = 0; t < steps; t++) {
        int place = (int) reference[t];
        int byState = probe.place(prediction.states(), 2 * t * width);
        int at = WIDTH * (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(t + 1));
        sums[at]++;
        sums[at + 1] += byState == place ? 1 : 0;
        sums[at + 2] += reference[steps + t] == place ? 1 : 0;
      }
      return sums;
    }

    @Override
    public Loss error(double[] sums) {
      double[] all = all(sums);
      return new Loss(all[0] - all[1], all[0]);
    }

    private static double[] all(double[] sums) {
      double[] all = new double[WIDTH];
      for (int i = 0; i < sums.length; i++) {
        all[i % WIDTH] += sums[i];
      }
      return all;
    }

    /**
     * Returns {@code probe_accuracy} and {@code probe_baseline_accuracy}; nothing without places.
     */
    @Override
    public Map<String, Double> figures(double[] sums) {
      double[] all = all(sums);
      Map<String, Double> figures = new LinkedHashMap<>();
      if (all[0] > 0) {
        figures.put("probe_accuracy", all[1] / all[0]);
        figures.put("probe_baseline_accuracy", all[2] / all[0]);
      }
      return figures;
    }

    static List<Report.Table> tables(double[] sums) {
      List<List<String>> rows = new ArrayList<>();
      for (int i = 0; i < Integer.SIZE && sums[WIDTH * i] > 0; i++) {
        int first = 1 << i;
        int last = 2 * first - 1;
        double there = sums[WIDTH * i];
        rows.add(
            List.of(
                first == last ? "" + first : first + " to " + last,
                Figures.count((long) there),
                Figures.share(sums[WIDTH * i + 1] / there),
                Figures.share(sums[WIDTH * i + 2] / there)));
      }
      return rows.isEmpty()
          ? List.of()
          : List.of(
              new Report.Table(
                  "Places told by a linear probe",
                  List.of("observations", "places", "from the state", "from the last observation"),
                  rows));
    }
  }
}
