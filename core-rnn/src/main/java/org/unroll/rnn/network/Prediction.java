// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

/**
 * A prediction is what a model says of a sequence.
 *
 * @param labels the class of the sequence, those of its steps, or those that were aligned; empty
 *     for numbers
 * @param probabilities of all classes of the sequence {@code [C]} or of its steps {@code [T, C]};
 *     of a CRF given the whole sequence; empty for numbers and for aligned labels
 * @param values the numbers of the sequence {@code [O]} or of its steps {@code [T, O]}; empty for
 *     labels
 * @param states the encoder's outputs after every step {@code [T, W]}, where somebody wants them;
 *     otherwise empty
 */
public record Prediction(int[] labels, float[] probabilities, float[] values, float[] states) {
  private static final int[] NO_LABELS = {};
  private static final float[] NO_NUMBERS = {};

  static Prediction ofLabels(int[] labels, float[] probabilities) {
    return new Prediction(labels, probabilities, NO_NUMBERS, NO_NUMBERS);
  }

  static Prediction ofLabels(int[] labels) {
    return new Prediction(labels, NO_NUMBERS, NO_NUMBERS, NO_NUMBERS);
  }

  static Prediction ofValues(float[] values) {
    return new Prediction(NO_LABELS, NO_NUMBERS, values, NO_NUMBERS);
  }

  /** Returns the same prediction with the encoder's outputs. */
  public Prediction withStates(float[] outputs) {
    return new Prediction(labels, probabilities, values, outputs);
  }
}
