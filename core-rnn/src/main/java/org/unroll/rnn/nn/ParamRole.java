// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * A role is what a parameter does in the network. It decides how the parameter is initialised and
 * which penalties touch it.
 */
public enum ParamRole {
  EMBEDDING,
  INPUT_WEIGHT,
  RECURRENT_WEIGHT,
  INPUT_BIAS,
  RECURRENT_BIAS,
  OUTPUT_WEIGHT,
  OUTPUT_BIAS,
  INITIAL_STATE,
  /** The role of factors that start at 1. */
  SCALE,
  /** The role of summands that start at 0: shifts, transition scores. */
  SHIFT;

  /** Returns whether weight penalties apply: biases and states are left alone. */
  public boolean isWeight() {
    return this == EMBEDDING
        || this == INPUT_WEIGHT
        || this == RECURRENT_WEIGHT
        || this == OUTPUT_WEIGHT;
  }
}
