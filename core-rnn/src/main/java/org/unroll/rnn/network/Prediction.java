// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;

/**
 * A prediction is what a model says of a sequence.
 *
 * @param labels the class of the sequence, those of its steps, or those that were aligned; of a
 *     decoder the given tokens, {@link org.unroll.rnn.data.Batch#MASKED} where another was more
 *     probable behind those before it; empty for numbers
 * @param probabilities of all classes of the sequence {@code [C]} or of its steps {@code [T, C]};
 *     of a CRF given the whole sequence; empty for numbers and for aligned labels
 * @param values the numbers of the sequence {@code [O]} or of its steps {@code [T, O]}; of a
 *     vocabulary the losses of the given tokens; empty for labels
 * @param states the encoder's outputs after every step {@code [T, W]}, where somebody wants them;
 *     otherwise empty
 * @param written what a decoder writes by itself, the best first; empty if nobody asked for it
 */
public record Prediction(
    int[] labels, float[] probabilities, float[] values, float[] states, List<Written> written) {
  private static final int[] NO_LABELS = {};
  private static final float[] NO_NUMBERS = {};

  /** Makes what is said without a decoder. */
  public Prediction(int[] labels, float[] probabilities, float[] values, float[] states) {
    this(labels, probabilities, values, states, List.of());
  }

  /**
   * A sequence that a decoder wrote.
   *
   * @param tokens without the one that ends it
   * @param logProbability of all of it, with the end where it came to one
   * @param score by which it was preferred to others: the logarithm with the search's penalties
   * @param ended whether it came to an end before the longest length
   * @param attention the weight of each of the S outputs of the encoder at each step {@code [T,
   *     S]}, the end's among them; empty without attention
   */
  public record Written(
      int[] tokens, double logProbability, double score, boolean ended, float[][] attention) {}

  static Prediction ofLabels(int[] labels, float[] probabilities) {
    return new Prediction(labels, probabilities, NO_NUMBERS, NO_NUMBERS);
  }

  static Prediction ofLabels(int[] labels) {
    return new Prediction(labels, NO_NUMBERS, NO_NUMBERS, NO_NUMBERS);
  }

  static Prediction ofValues(float[] values) {
    return new Prediction(NO_LABELS, NO_NUMBERS, values, NO_NUMBERS);
  }

  /** Returns the same prediction with labels. */
  Prediction withLabels(int[] others) {
    return new Prediction(others, probabilities, values, states, written);
  }

  /** Returns the same prediction with the encoder's outputs. */
  public Prediction withStates(float[] outputs) {
    return new Prediction(labels, probabilities, values, outputs, written);
  }

  /** Returns the same prediction with what a decoder writes by itself. */
  public Prediction withWritten(List<Written> sequences) {
    return new Prediction(labels, probabilities, values, states, sequences);
  }
}
