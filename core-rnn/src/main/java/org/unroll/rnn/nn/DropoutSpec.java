// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;

/**
 * A dropout tells which parts of a network are zeroed at random in training, each with a
 * probability in [0, 1); what is left is divided by 1 - p.
 *
 * @param embedding of a token's whole vector, for all its occurrences in a batch (Gal and
 *     Ghahramani 2016)
 * @param input of the elements that the first layer reads
 * @param between of the elements between two layers
 * @param output of the elements of the last layer's output
 * @param weight of the elements of the recurrent matrices, for a whole batch (DropConnect; Merity
 *     et al. 2018)
 * @param locked whether the masks of input, between and output are the same at all steps of a
 *     sequence (variational dropout, Gal and Ghahramani 2016) instead of drawn for every step
 */
public record DropoutSpec(
    double embedding, double input, double between, double output, double weight, boolean locked)
    implements Serializable {
  /** The dropout that drops nothing. */
  public static final DropoutSpec NONE = new DropoutSpec(0, 0, 0, 0, 0, false);

  public DropoutSpec {
    Checks.fraction("embedding dropout", embedding);
    Checks.fraction("input dropout", input);
    Checks.fraction("dropout between layers", between);
    Checks.fraction("output dropout", output);
    Checks.fraction("weight drop", weight);
  }
}
