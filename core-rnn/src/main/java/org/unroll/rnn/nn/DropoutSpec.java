// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.io.Serializable;

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
    check("embedding dropout", embedding);
    check("input dropout", input);
    check("dropout between layers", between);
    check("output dropout", output);
    check("weight drop", weight);
  }

  private static void check(String name, double p) {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException(name + " must be in [0, 1) but was " + p);
    }
  }

  /** Returns the dropout with one probability before, between and behind the layers. */
  public static DropoutSpec around(double p, boolean locked) {
    return new DropoutSpec(0, p, p, p, 0, locked);
  }
}
