// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.RnnStack;

/** The parts of a network hold the packed parameters and buffers for batches up to a size. */
final class Parts {
  private final Network network;
  final Pass.Size size;
  final Inputs inputs;
  final RnnStack encoder;

  /** What writes about the outputs, or null. */
  final Decoder decoder;

  final Head head;

  /** Gradients of the encoder's outputs {@code [N, W]}. */
  final float[] outputGradient;

  /** Gradients of the decoder's outputs {@code [N, H]}. */
  final float[] writtenGradient;

  /** The encoder's state, from which the decoder starts, and its gradient. */
  final float[] state;

  final float[] stateGradient;

  Parts(Network network, Pass.Size size, Team team) {
    NetworkSpec spec = network.spec();
    this.network = network;
    this.size = size;
    inputs = new Inputs(network, size, team);
    RnnStack.Capacity capacity =
        new RnnStack.Capacity(size.positions(), size.rows(), inputs.mostDistinct());
    encoder =
        spec.encoder() == null
            ? null
            : new RnnStack(spec.encoder(), network.layout(), Network.RNN, capacity, team);
    boolean writes = spec.decoder() != null;
    decoder = writes ? new Decoder(network, size, team) : null;
    int written = Math.max(size.written(), size.hypotheses());
    RnnStack.Capacity ofHead = new RnnStack.Capacity(written, size.rows(), 0);
    head = Head.of(network, writes ? ofHead : capacity, team);
    int outputs = Math.multiplyExact(size.positions(), spec.readSize());
    outputGradient = new float[outputs];
    writtenGradient = new float[writes ? Math.multiplyExact(written, spec.headInput()) : 0];
    state = new float[writes ? network.stateSize(size.rows()) : 0];
    stateGradient = new float[state.length];
  }

  void loadForward(float[] params) {
    inputs.loadForward(params);
    if (encoder != null) {
      encoder.loadForward(params);
    }
    if (decoder != null) {
      decoder.loadForward(params);
    }
    head.load(params);
  }

  void loadBackward(float[] params) {
    inputs.loadBackward(params);
    if (encoder != null) {
      encoder.loadBackward(params);
    }
    if (decoder != null) {
      decoder.loadBackward(params);
    }
  }

  long bytes() {
    return inputs.bytes()
        + (encoder == null ? 0 : encoder.bytes())
        + (decoder == null ? 0 : decoder.bytes())
        + head.bytes()
        + 4L * (outputGradient.length + writtenGradient.length + 2L * state.length);
  }

  /**
   * Makes what a decoder writes about of the inputs that are there.
   *
   * @param distinct the tokens if each input was put there once for all its occurrences, or null
   */
  void encode(Batch batch, DistinctTokens distinct, boolean training, long key) {
    Packing read = batch.packing();
    if (encoder != null) {
      Arrays.fill(state, 0, network.stateSize(batch.rows()), 0f);
      encoder.forward(inputs.vectors, distinct, read, state, training, key);
    }
    decoder.attach(new Bridge.Read(outputs(), outputOffset(), read, state));
  }

  /** Returns the array of what was made of what was read {@code [N, W]}. */
  float[] outputs() {
    return encoder == null ? inputs.vectors : encoder.output();
  }

  /** Returns where that begins. */
  int outputOffset() {
    return encoder == null ? 0 : encoder.outputOffset();
  }
}
