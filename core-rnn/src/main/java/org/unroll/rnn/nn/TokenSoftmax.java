// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * A token softmax tells the probabilities of the tokens of a vocabulary after vectors, and learns
 * from the tokens that were to be told. It is not for use by two callers at a time.
 */
public sealed interface TokenSoftmax permits SoftmaxHead, AdaptiveSoftmax {

  /** Takes the parameters as they are now; to be called whenever they changed. */
  void load(float[] params);

  /** Returns the bytes of the buffers and of all that training packs. */
  long bytes();

  /**
   * Makes scores {@code [count, V]} of {@code inputs [count, H]} of which the softmax is the
   * tokens' probabilities.
   */
  void logits(float[] inputs, int at, int count, float[] out);

  /**
   * Makes the logarithms of the probabilities {@code [count, V]} of {@code inputs [count, H]}.
   * Those of a position are the same whatever other positions there are.
   */
  void logProbabilities(float[] inputs, int at, int count, float[] out);

  /**
   * Returns the summed loss of some positions; those with a negative target do not count.
   *
   * @param losses set to the loss of every position {@code [count]}, or null
   * @param right set to whether no token is more probable than the target {@code [count]}, or null
   */
  double evaluate(
      float[] inputs, int at, int[] targetIds, int count, double[] losses, boolean[] right);

  /**
   * Makes loss and gradients of some positions.
   *
   * @param inputGradients set to the gradient of the inputs {@code [count, H]}
   * @param into what the gradients of the parameters are added to
   * @return the summed loss
   */
  double train(
      float[] inputs, int at, int[] targetIds, int count, float[] inputGradients, Gradient into);
}
