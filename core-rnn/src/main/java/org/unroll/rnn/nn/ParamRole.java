// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * What a parameter does in the network; decides how it is initialised and which penalties touch it.
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
  /** Factors that start at 1. */
  SCALE,
  /** Summands that start at 0: shifts, transition scores. */
  SHIFT;

  /** Whether weight penalties apply: biases and states are left alone. */
  public boolean isWeight() {
    return this == EMBEDDING
        || this == INPUT_WEIGHT
        || this == RECURRENT_WEIGHT
        || this == OUTPUT_WEIGHT;
  }
}
