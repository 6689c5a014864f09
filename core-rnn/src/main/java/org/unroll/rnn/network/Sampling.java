// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

/**
 * How the next token is chosen among the model's probabilities. The steps are in this order: divide
 * the logits by the temperature, keep the {@code topK} most probable tokens, keep the fewest of the
 * most probable that reach {@code topP} of what is left (Holtzman et al. 2020), draw among them. Of
 * equally probable tokens the one with the lowest id comes first.
 *
 * @param temperature 1 for the model's own probabilities, less to favour the probable; 0 always
 *     takes the most probable
 * @param topK how many tokens to keep, 0 for all
 * @param topP which part of the probability to keep, in (0, 1]; 1 for all
 * @param seed of the draws: the same seed, model and prompt give the same text
 */
public record Sampling(double temperature, int topK, double topP, long seed) {

  public Sampling {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "temperature must be 0 or a positive number but was " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k must not be negative but was " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p must be in (0, 1] but was " + topP);
    }
  }
}
