// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A bridge makes the state that a decoder starts from of the one that an encoder ended with.
 *
 * <pre>
 *   copy    s = [h_forward ; h_reverse] of the same layer, the cell state likewise
 *   linear  s = tanh(W h + b) with h of the last layer in all directions, for all layers at once;
 *           without an encoder h is the mean of what is read
 *
 *   dh = W^T da     dW = da h^T     db = da     with da = ds (1 - s^2)
 * </pre>
 *
 * <p>The decoder's rows may be in another order than the encoder's.
 */
final class Bridge {
  private final DecoderSpec.Bridge type;

  /** The layers that have read, or null. */
  private final RnnSpec encoder;

  private final int width;
  private final RnnSpec decoder;

  /** The layer from {@code [B, W]} to all vectors of the decoder's state {@code [B, S]}. */
  private final Linear linear;

  private final float[] read;
  private final float[] made;
  private final float[] readGradient;

  /**
   * What was made of the sequences that were read.
   *
   * @param y outputs {@code [M, W]}, packed, from {@code yo} on
   * @param state {@code [layers, directions, slots, B, H]} behind the last step
   */
  record Read(float[] y, int yo, Packing packing, float[] state) {}

  Bridge(NetworkSpec spec, ParamLayout layout, int rows, Team team) {
    type = spec.decoder().bridge();
    encoder = spec.encoder();
    width = spec.readSize();
    decoder = spec.decoder().layers();
    boolean learns = type == DecoderSpec.Bridge.LINEAR;
    linear = learns ? new Linear(layout, Network.BRIDGE, team) : null;
    read = new float[learns ? Math.multiplyExact(rows, width) : 0];
    readGradient = new float[read.length];
    made = new float[learns ? decoder.stateSize(rows) : 0];
  }

  /** Appends the parameters, if there are any. */
  static void layOut(DecoderSpec spec, int width, ParamLayout.Builder builder) {
    if (spec.bridge() == DecoderSpec.Bridge.LINEAR) {
      Linear.layOut(Network.BRIDGE, spec.layers().stateSize(1), width, builder);
    }
  }

  void load(float[] params) {
    if (linear != null) {
      linear.load(params);
    }
  }

  /**
   * Makes the decoder's first state.
   *
   * @param sources the row of what was read of every row of the decoder
   * @param to set to the state {@code [layers, slots, B, H]}
   */
  void forward(Read from, int[] sources, int rows, float[] to) {
    switch (type) {
      case ZERO -> Arrays.fill(to, 0, decoder.stateSize(rows), 0f);
      case COPY -> copy(from.state(), sources, rows, to, false);
      case LINEAR -> {
        if (encoder == null) {
          mean(from);
        } else {
          last(from.state(), read, rows, true);
        }
        linear.forward(read, 0, rows, made);
        Ops.tanh(made, 0, made, 0, decoder.stateSize(rows));
        spread(made, sources, rows, to, true);
      }
    }
  }

  /**
   * Runs back over the last {@link #forward}.
   *
   * @param dTo gradient of the decoder's first state
   * @param dFrom to whose outputs is added, and whose state is set to the gradient of what was read
   */
  void backward(float[] dTo, int[] sources, int rows, Read dFrom, Gradient into) {
    Arrays.fill(dFrom.state(), 0f);
    switch (type) {
      case ZERO -> {}
      case COPY -> copy(dFrom.state(), sources, rows, dTo, true);
      case LINEAR -> {
        for (int i = 0; i < decoder.stateSize(rows); i++) {
          made[i] = 1 - made[i] * made[i];
        }
        spread(made, sources, rows, dTo, false);
        linear.backward(made, readGradient, false, into);
        if (encoder == null) {
          addMean(dFrom);
        } else {
          last(dFrom.state(), readGradient, rows, false);
        }
      }
    }
  }

  private void mean(Read from) {
    Packing packing = from.packing();
    Arrays.fill(read, 0, packing.rows() * width, 0f);
    for (int row = 0; row < packing.rows(); row++) {
      for (int t = 0; t < packing.length(row); t++) {
        int at = from.yo() + (packing.at(t) + row) * width;
        Ops.addScaled(1f / packing.length(row), from.y(), at, read, row * width, width);
      }
    }
  }

  private void addMean(Read to) {
    Packing packing = to.packing();
    for (int row = 0; row < packing.rows(); row++) {
      for (int t = 0; t < packing.length(row); t++) {
        int at = to.yo() + (packing.at(t) + row) * width;
        Ops.addScaled(1f / packing.length(row), readGradient, row * width, to.y(), at, width);
      }
    }
  }

  /** Copies the states of both directions side by side, or their gradients back. */
  private void copy(float[] from, int[] sources, int rows, float[] to, boolean back) {
    int directions = encoder.direction().count();
    int slots = encoder.cell().stateSlots();
    for (int layer = 0; layer < encoder.layers(); layer++) {
      int width = encoder.hiddenSize(layer);
      int fromLayer = encoder.stateOffset(layer, rows);
      int toLayer = decoder.stateOffset(layer, rows);
      for (int v = 0; v < directions * slots; v++) {
        int d = v / slots;
        int slot = v % slots;
        for (int row = 0; row < rows; row++) {
          int at = fromLayer + (v * rows + sources[row]) * width;
          int put = toLayer + ((slot * rows + row) * directions + d) * width;
          if (back) {
            System.arraycopy(to, put, from, at, width);
          } else {
            System.arraycopy(from, at, to, put, width);
          }
        }
      }
    }
  }

  /** Takes the last layer's h of all directions {@code [B, W]}, or puts gradients there. */
  private void last(float[] state, float[] vectors, int rows, boolean take) {
    int width = encoder.lastSize();
    int directions = encoder.direction().count();
    int layer = encoder.stateOffset(encoder.layers() - 1, rows);
    for (int d = 0; d < directions; d++) {
      for (int row = 0; row < rows; row++) {
        int at = layer + (d * encoder.cell().stateSlots() * rows + row) * width;
        int put = (row * directions + d) * width;
        if (take) {
          System.arraycopy(state, at, vectors, put, width);
        } else {
          System.arraycopy(vectors, put, state, at, width);
        }
      }
    }
  }

  /**
   * Spreads the vectors of every row {@code [B, S]} over the state of all rows; or multiplies them
   * with the gradients of a state.
   */
  private void spread(float[] vectors, int[] sources, int rows, float[] state, boolean set) {
    int slots = decoder.cell().stateSlots();
    int all = decoder.stateSize(1);
    for (int layer = 0; layer < decoder.layers(); layer++) {
      int width = decoder.hiddenSize(layer);
      for (int slot = 0; slot < slots; slot++) {
        int from = decoder.stateOffset(layer, 1) + slot * width;
        int to = decoder.stateOffset(layer, rows) + slot * rows * width;
        for (int row = 0; row < rows; row++) {
          int at = sources[row] * all + from;
          if (set) {
            System.arraycopy(vectors, at, state, to + row * width, width);
          } else {
            Ops.multiply(vectors, at, state, to + row * width, width);
          }
        }
      }
    }
  }

  long bytes() {
    return 4L * (read.length + readGradient.length + made.length);
  }
}
