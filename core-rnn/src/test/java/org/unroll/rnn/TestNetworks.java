// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;

/** Networks for tests. */
public final class TestNetworks {
  private TestNetworks() {}

  /**
   * Returns a language model with every dropout, layer normalisation, and a last layer as narrow as
   * the embedding, which is the output matrix too (Merity et al. 2018).
   */
  public static Network merity(int vocabulary, CellType cell, boolean learnedState) {
    DropoutSpec dropout = new DropoutSpec(0.1, 0.2, 0.2, 0.2, 0.3, true);
    RnnSpec rnn = new RnnSpec(cell, 5, 8, 2, 5, true, Direction.FORWARD, false, true, dropout);
    return new Network(NetworkSpec.languageModel(vocabulary, rnn, true, true, learnedState));
  }

  /**
   * Returns a language model without anything unusual.
   *
   * @param bias whether the layers and the output have biases
   * @param dropout before, between and behind the layers, drawn for every step
   */
  public static Network language(
      int vocabulary,
      int embedding,
      CellType cell,
      int layers,
      int hidden,
      boolean bias,
      double dropout,
      boolean tied,
      boolean learnedState) {
    RnnSpec rnn =
        new RnnSpec(
            cell,
            embedding,
            hidden,
            layers,
            hidden,
            bias,
            Direction.FORWARD,
            false,
            false,
            DropoutSpec.around(dropout, false));
    return new Network(NetworkSpec.languageModel(vocabulary, rnn, tied, bias, learnedState));
  }
}
