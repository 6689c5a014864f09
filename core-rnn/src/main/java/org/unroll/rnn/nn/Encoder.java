// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/**
 * Recurrent layers that read whole sequences of different lengths, in one or both directions, and
 * the buffers for them: {@code torch.nn.RNN}, {@code GRU} and {@code LSTM} over packed sequences,
 * with residual connections, layer normalisation and dropout. Not for use by two callers at a time.
 */
public final class Encoder {
  private static final long INPUT_SITE = 0;

  private final EncoderSpec spec;
  private final List<EncoderLayer> layers = new ArrayList<>();
  private final SequenceDropout inputDropout;

  /** Gradients of the outputs of a layer and of the one below it, by turns. */
  private final float[][] between;

  private final Scratch scratch;
  private float[] params;
  private Packing packing;

  /**
   * The most that a pass may have.
   *
   * @param positions steps of all sequences together
   * @param steps of the longest
   * @param rows sequences
   * @param distinct inputs of the first layer that are given once for all their occurrences, 0 if
   *     they never are
   */
  public record Capacity(int positions, int steps, int rows, int distinct) {}

  /** Gradients of one direction: of its output {@code [N, H]} and of its input {@code [N, D]}. */
  record Scratch(float[] output, float[] input) {}

  /**
   * Prepares for sequences up to a capacity.
   *
   * @param prefix what the names of its parameters begin with
   * @param team the threads that do the work together
   */
  public Encoder(
      EncoderSpec spec, ParamLayout layout, String prefix, Capacity capacity, Team team) {
    this.spec = spec;
    DropoutSpec dropout = spec.dropout();
    int positions = capacity.positions();
    int rows = capacity.rows();
    for (int layer = 0; layer < spec.layers(); layer++) {
      double behind = layer < spec.layers() - 1 ? dropout.between() : dropout.output();
      layers.add(new EncoderLayer(spec, layer, layout, prefix, capacity, behind, team));
    }
    inputDropout =
        new SequenceDropout(dropout.input(), dropout.locked(), positions, rows, spec.inputSize());
    int outputs = Math.multiplyExact(positions, spec.outputSize());
    between = new float[2][spec.layers() > 1 ? outputs : 0];
    boolean parts = spec.direction() != Direction.FORWARD;
    int widest = Math.max(spec.inputSize(), spec.layers() > 1 ? spec.outputSize() : 0);
    scratch =
        new Scratch(
            new float[parts ? positions * spec.hiddenSize() : 0],
            new float[parts ? Math.multiplyExact(positions, widest) : 0]);
  }

  /** Appends the parameters of all layers, with PyTorch's names behind a prefix. */
  public static void layOut(EncoderSpec spec, String prefix, ParamLayout.Builder builder) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      EncoderLayer.layOut(spec, layer, prefix, builder);
    }
  }

  /** Takes the parameters that forward passes need; to be called whenever they changed. */
  public void loadForward(float[] params) {
    this.params = params;
    layers.forEach(layer -> layer.loadForward(params));
  }

  /** Takes those that backward passes need. */
  public void loadBackward(float[] params) {
    layers.forEach(layer -> layer.loadBackward(params));
  }

  /**
   * Runs over sequences without dropout.
   *
   * @param x inputs {@code [N, D]}; or {@code [U, D]}, one for each of U distinct inputs
   * @param tokens the tokens when the inputs are given once for each, or null
   * @param state {@code [layers, directions, slots, B, H]} before the first step of every sequence,
   *     replaced by that after the last; null for zeros and nobody who wants it
   */
  public void forward(float[] x, DistinctTokens tokens, Packing packing, float[] state) {
    run(x, tokens, packing, state, false, 0);
  }

  /**
   * As {@link #forward} with dropout masks that the key decides. The inputs are to be left alone
   * until after {@link #backward}; dropout of inputs happens to them in place.
   */
  public void forwardTraining(
      float[] x, DistinctTokens tokens, Packing packing, float[] state, long dropoutKey) {
    if (inputDropout.isOn()) {
      inputDropout.draw(RandomBits.key(dropoutKey, INPUT_SITE), packing);
      inputDropout.apply(x, 0, packing);
    }
    run(x, tokens, packing, state, true, dropoutKey);
  }

  private void run(
      float[] x,
      DistinctTokens tokens,
      Packing packing,
      float[] state,
      boolean training,
      long dropoutKey) {
    this.packing = packing;
    float[] input = x;
    int offset = 0;
    int[] slots = tokens == null ? null : tokens.slots();
    int distinct = tokens == null ? 0 : tokens.count();
    for (int i = 0; i < layers.size(); i++) {
      EncoderLayer layer = layers.get(i);
      int so = i * spec.layerStateSize(packing.rows());
      long key = training ? RandomBits.key(dropoutKey, 1, i) : 0;
      layer.forward(
          params,
          input,
          offset,
          i == 0 ? slots : null,
          i == 0 ? distinct : 0,
          packing,
          state,
          so,
          training,
          key);
      input = layer.output();
      offset = layer.outputOffset();
    }
  }

  /** The array that holds the last layer's outputs {@code [N, W]} from {@link #outputOffset} on. */
  public float[] output() {
    return layers.get(layers.size() - 1).output();
  }

  /** Where the outputs of the last pass begin. */
  public int outputOffset() {
    return layers.get(layers.size() - 1).outputOffset();
  }

  /**
   * Runs back over the sequences of the last {@link #forwardTraining}.
   *
   * @param dy gradient of the outputs {@code [N, W]}; overwritten
   * @param dx set to the gradient of the inputs, in their shape, or null when nobody needs it
   * @param dState gradient of the state after the sequences, replaced by that of the state before
   *     them; null for zeros and nobody who wants it
   * @param gradient what the parameters' gradients are added to, in the layout of the parameters
   */
  public void backward(float[] dy, float[] dx, float[] dState, Gradient gradient) {
    float[] above = dy;
    for (int i = layers.size() - 1; i >= 0; i--) {
      float[] below = i == 0 ? dx : between[i & 1];
      int dso = i * spec.layerStateSize(packing.rows());
      layers.get(i).backward(above, below, packing, dState, dso, scratch, gradient);
      above = below;
    }
    if (dx != null && inputDropout.isOn()) {
      inputDropout.apply(dx, 0, packing);
    }
  }

  /** Bytes of activations, scratch and all that training packs. */
  public long bytes() {
    return layers.stream().mapToLong(EncoderLayer::bytes).sum()
        + 4L * (2L * between[0].length + scratch.output().length + scratch.input().length);
  }
}
