// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.data.Example;

/**
 * A metric is what a field measures predictions by, as sums: those of parts of the data, added up,
 * are those of all of it, so that they can be made wherever the data are. Validation during a
 * training and evaluation afterwards add up the same.
 */
public interface Metric extends Serializable {

  /** Returns how many numbers the sums of nothing have. */
  int size();

  /**
   * Adds an example with its prediction to the sums.
   *
   * @return the sums: those given, or others in their place where they had to grow
   */
  double[] add(Example example, Prediction prediction, double[] sums);

  /** Returns the sums of two parts of the data, which may be those of one of them, added to. */
  default double[] plus(double[] sums, double[] more) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more[i];
    }
    return sums;
  }

  /**
   * Returns what is wrong out of what could be, which a training may watch in place of the loss:
   * its mean is 1 - accuracy, 1 - F1, the label error rate or the mean squared error.
   */
  Loss error(double[] sums);

  /** Returns the same of one example with its prediction, on its own. */
  default Loss error(Example example, Prediction prediction) {
    return error(add(example, prediction, new double[size()]));
  }

  /** Returns what the sums say, by the names that the commands print. */
  Map<String, Double> figures(double[] sums);

  /** Returns whether predictions are to come with the encoder's outputs. */
  default boolean readsStates() {
    return false;
  }

  /** Returns both of two metrics in one, of which the first decides about errors. */
  static Metric both(Metric first, Metric second) {
    return new Both(first, second);
  }

  /**
   * This metric is two in one: the sums of the second stand behind those of the first, which must
   * not grow.
   */
  record Both(Metric first, Metric second) implements Metric {
    @Override
    public int size() {
      return first.size() + second.size();
    }

    /** Returns the sums of the first metric. */
    public double[] ofFirst(double[] sums) {
      return Arrays.copyOf(sums, first.size());
    }

    /** Returns the sums of the second metric. */
    public double[] ofSecond(double[] sums) {
      return Arrays.copyOfRange(sums, first.size(), sums.length);
    }

    @Override
    public boolean readsStates() {
      return first.readsStates() || second.readsStates();
    }

    private double[] joined(double[] a, double[] b) {
      double[] sums = Arrays.copyOf(a, a.length + b.length);
      System.arraycopy(b, 0, sums, a.length, b.length);
      return sums;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      return joined(
          first.add(example, prediction, ofFirst(sums)),
          second.add(example, prediction, ofSecond(sums)));
    }

    @Override
    public double[] plus(double[] sums, double[] more) {
      return joined(
          first.plus(ofFirst(sums), ofFirst(more)), second.plus(ofSecond(sums), ofSecond(more)));
    }

    @Override
    public Loss error(double[] sums) {
      return first.error(ofFirst(sums));
    }

    @Override
    public Loss error(Example example, Prediction prediction) {
      return first.error(example, prediction);
    }

    @Override
    public Map<String, Double> figures(double[] sums) {
      Map<String, Double> figures = new LinkedHashMap<>(first.figures(ofFirst(sums)));
      figures.putAll(second.figures(ofSecond(sums)));
      return figures;
    }
  }

  /**
   * This metric counts how many labels are right, of however many classes. The sums are those that
   * are known and those that are right.
   *
   * @param name of the share
   */
  record Accuracy(String name) implements Metric {
    /** Makes the metric under its usual name. */
    public Accuracy() {
      this("accuracy");
    }

    @Override
    public int size() {
      return 2;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      int[] labels = example.labels();
      for (int i = 0; labels != null && i < labels.length; i++) {
        if (labels[i] >= 0) {
          sums[0]++;
          sums[1] += prediction.labels()[i] == labels[i] ? 1 : 0;
        }
      }
      return sums;
    }

    @Override
    public Loss error(double[] sums) {
      return new Loss(sums[0] - sums[1], sums[0]);
    }

    /** Returns the share of those that are right. */
    @Override
    public Map<String, Double> figures(double[] sums) {
      return Map.of(name, sums[1] / sums[0]);
    }
  }

  /**
   * This metric measures errors of numbers. The sums are, of every value of a place, how many are
   * known, their squared and their absolute errors.
   *
   * @param values O, the values of a place, such as the horizons of a forecast
   */
  record Errors(int values) implements Metric {
    @Override
    public int size() {
      return 3 * values;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      if (example.values() != null) {
        add(example.values(), prediction.values(), sums);
      }
      return sums;
    }

    /** Adds numbers with what was said of each; NaN is one that is not known. */
    public void add(float[] truth, float[] said, double[] sums) {
      for (int i = 0; i < truth.length; i++) {
        if (!Float.isNaN(truth[i])) {
          double error = (double) said[i] - truth[i];
          int at = 3 * (i % values);
          sums[at]++;
          sums[at + 1] += error * error;
          sums[at + 2] += Math.abs(error);
        }
      }
    }

    @Override
    public Loss error(double[] sums) {
      double count = 0;
      double squares = 0;
      for (int i = 0; i < values; i++) {
        count += sums[3 * i];
        squares += sums[3 * i + 1];
      }
      return new Loss(squares, count);
    }

    /** Returns {@code mse}, {@code rmse} and {@code mae} over all values. */
    @Override
    public Map<String, Double> figures(double[] sums) {
      Loss error = error(sums);
      double absolute = 0;
      for (int i = 0; i < values; i++) {
        absolute += sums[3 * i + 2];
      }
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("mse", error.mean());
      figures.put("rmse", Math.sqrt(error.mean()));
      figures.put("mae", absolute / error.weight());
      return figures;
    }
  }

  /**
   * This metric counts how many labels must be inserted, deleted or replaced to make the true
   * labels of the predicted ones (Levenshtein 1966). The sums are such edits, true labels,
   * sequences, and those without an edit.
   */
  record Edits() implements Metric {
    @Override
    public int size() {
      return 4;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      if (example.labels() != null) {
        int edits = distance(example.labels(), prediction.labels());
        sums[0] += edits;
        sums[1] += example.labels().length;
        sums[2]++;
        sums[3] += edits == 0 ? 1 : 0;
      }
      return sums;
    }

    static int distance(int[] a, int[] b) {
      int[] row = new int[b.length + 1];
      for (int j = 0; j < row.length; j++) {
        row[j] = j;
      }
      for (int i = 1; i <= a.length; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= b.length; j++) {
          int replaced = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
          corner = row[j];
          row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
        }
      }
      return row[b.length];
    }

    @Override
    public Loss error(double[] sums) {
      return new Loss(sums[0], sums[1]);
    }

    /**
     * Returns {@code label_error_rate}, edits per true label, and {@code exact}, the share of
     * sequences without one.
     */
    @Override
    public Map<String, Double> figures(double[] sums) {
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("label_error_rate", error(sums).mean());
      figures.put("exact", sums[3] / sums[2]);
      return figures;
    }
  }
}
