// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import java.util.stream.IntStream;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.Optimizer;

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
            around(dropout, false));
    return new Network(NetworkSpec.languageModel(vocabulary, rnn, tied, bias, learnedState));
  }

  /** Dropout with one probability before, between and behind the layers. */
  public static DropoutSpec around(double p, boolean locked) {
    return new DropoutSpec(0, p, p, p, 0, locked);
  }

  /** The same layers with or without residual connections and layer normalisation. */
  public static RnnSpec with(RnnSpec of, boolean residual, boolean layerNorm) {
    return new RnnSpec(
        of.cell(),
        of.inputSize(),
        of.hiddenSize(),
        of.layers(),
        of.lastSize(),
        of.bias(),
        of.direction(),
        residual,
        layerNorm,
        of.dropout());
  }

  /** The steps of every sequence. */
  public static int[] lengths(Packing packing) {
    return IntStream.range(0, packing.rows()).map(packing::length).toArray();
  }

  /** A whole step at once. */
  public static void step(
      Optimizer optimizer, float[] params, Gradient gradient, float scale, double lr) {
    optimizer.begin(gradient, 0);
    optimizer.step(params, gradient, scale, optimizer.rate(lr, 0), 0, params.length);
  }
}
