// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack;

/**
 * The flow of a gradient through time is how much the loss at the end of a sequence would change
 * with what was read before: the norm of {@code dL / dx_t} for the input x of every step t. Where
 * it vanishes, nothing can be learnt of what is that far back (Hochreiter 1991; Bengio, Simard and
 * Frasconi 1994, "Learning long-term dependencies with gradient descent is difficult"; Pascanu et
 * al. 2013).
 *
 * @param norms of the gradients of the inputs {@code [T]}, from the first step to the last
 * @param total norm of the gradient of all parameters, which is what clipping limits
 */
public record GradientFlow(double[] norms, double total) {
  /**
   * Runs forward and back over an example, without dropout.
   *
   * @param example with a target, which is what the loss is made of: of a network that answers for
   *     every step the caller masks those that are not to count
   * @throws IllegalArgumentException if the network writes, since its loss is made of steps of
   *     their own
   */
  public static GradientFlow of(Network network, float[] params, Example example) {
    NetworkSpec spec = network.spec();
    if (spec.decoder() != null) {
      throw new IllegalArgumentException("a network with a decoder reads and writes in two times");
    }
    Batch batch = new Batch(spec.batchShape());
    batch.fill(List.of(example));
    Packing packing = batch.packing();
    Team team = new Team(1);
    Parts parts = new Parts(network, Pass.Size.of(batch), team);
    parts.loadForward(params);
    RnnSpec calm = spec.encoder().with(DropoutSpec.NONE);
    RnnStack.Capacity capacity = new RnnStack.Capacity(packing.positions(), packing.rows(), 0);
    RnnStack layers = new RnnStack(calm, network.layout(), Network.RNN, capacity, team);
    layers.loadForward(params);
    layers.loadBackward(params);
    // Of a token that occurs twice there would be one gradient for both.
    if (spec.inputs().isOneToken()) {
      parts.inputs.embed(batch.tokens(0), packing.positions());
    } else {
      parts.inputs.forward(batch, false, 0);
    }
    float[] state = new float[network.stateSize(1)];
    Pass start = new Pass(network);
    start.load(params);
    start.initialState(state, 1);
    layers.forward(parts.inputs.vectors, null, packing, state, true, 0);
    Gradient gradient = new Gradient(network.layout().size());
    float[] dy = parts.outputGradient;
    parts.head.train(layers.output(), layers.outputOffset(), batch, dy, gradient);
    int width = spec.inputs().width();
    float[] dx = new float[packing.positions() * width];
    layers.backward(dy, dx, null, gradient);
    double[] norms = new double[example.steps()];
    for (int t = 0; t < norms.length; t++) {
      norms[t] = Math.sqrt(Ops.sumOfSquares(dx, t * width, width));
    }
    float[] all = gradient.dense();
    return new GradientFlow(norms, Math.sqrt(Ops.sumOfSquares(all, 0, all.length)));
  }
}
