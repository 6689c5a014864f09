// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Map;

/**
 * A trace is what the units of one recurrent layer did while one direction of it read a sequence,
 * in the order in which the sequence is written, also where the layer reads from the end.
 *
 * @param layer its number, from 0
 * @param backward whether it reads from the end
 * @param cell its cell
 * @param steps T
 * @param units H
 * @param values activations {@code [T, H]} by name: those of the gates in the order of their
 *     weights, then of an LSTM {@code cell}, and of all {@code state}
 */
public record CellTrace(
    int layer, boolean backward, CellType cell, int steps, int units, Map<String, float[]> values) {
  /** The name of the values of the LSTM's cell state c. */
  public static final String CELL = "cell";

  /** The name of the values of the state h, which is the layer's output. */
  public static final String STATE = "state";

  /** Returns what a unit did at a step. */
  public float value(String name, int step, int unit) {
    return values.get(name)[step * units + unit];
  }
}
