// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;

/**
 * What a field measures predictions by, as sums: those of parts of the data, added up, are those of
 * all of it, so that they can be made wherever the data are.
 */
public sealed interface Metric extends Serializable
    permits AccuracyMetric, ConfusionMetric, SpanMetric, ErrorMetric, EditMetric {

  /** Numbers of the sums. */
  int size();

  /** Adds a sequence with its prediction to the sums. */
  void add(SequenceExample example, Prediction prediction, double[] sums);

  /**
   * What is wrong out of what could be, which a training may watch in place of the loss: its mean
   * is 1 - accuracy, 1 - F1, the label error rate or the mean squared error.
   */
  Loss error(double[] sums);

  /** What the sums say, by the names that the commands print. */
  Map<String, Double> figures(double[] sums);
}
