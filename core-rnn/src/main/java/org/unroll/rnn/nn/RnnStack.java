// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/**
 * A stack of recurrent layers reads packed sequences in one or both directions, with the buffers
 * for it: {@code torch.nn.RNN}, {@code GRU} and {@code LSTM}, with residual connections, layer
 * normalisation and dropout. It reads whole sequences ({@link #forward}, {@link #backward}), or,
 * where it reads forward, single steps ({@link #begin}, {@link #step}, {@link #end}; {@link
 * #beginBackward}, {@link #stepBack}, {@link #endBackward}), between which a caller may compute the
 * input of the next step. Not for use by two callers at a time.
 */
public final class RnnStack {
  private static final long INPUT_SITE = 0;
  private static final long LAYER_SITE = 1;

  private final RnnSpec spec;
  private final List<StackLayer> layers = new ArrayList<>();
  private final Dropout.OfSequences inputDropout;

  /**
   * The gradients of the outputs of the layers but the last: one array, in which a layer that reads
   * forward writes where it has read; two by turns if a layer reads its own again behind that.
   */
  private final float[][] between;

  private final Scratch scratch;
  private final Team team;
  private final Team.Task loadForward = this::loadForward;
  private final Team.Task loadBackward = this::loadBackward;
  private float[] params;

  // The pass at work.
  private Packing packing;
  private float[] x;
  private boolean training;
  private float[] dx;
  private Gradient gradient;

  /**
   * A capacity is the most that a pass may have.
   *
   * @param positions steps of all sequences together
   * @param rows sequences
   * @param distinct inputs of the first layer that are given once for all their occurrences, 0 if
   *     they never are
   */
  public record Capacity(int positions, int rows, int distinct) {}

  /**
   * Holds gradients of one direction: of its output {@code [N, H]} and its input {@code [N, D]}.
   */
  record Scratch(float[] output, float[] input) {}

  /**
   * Prepares for sequences up to a capacity.
   *
   * @param prefix what the names of its parameters begin with
   * @param team the threads that do the work together
   */
  public RnnStack(RnnSpec spec, ParamLayout layout, String prefix, Capacity capacity, Team team) {
    this.spec = spec;
    this.team = team;
    int positions = capacity.positions();
    for (int layer = 0; layer < spec.layers(); layer++) {
      layers.add(new StackLayer(spec, layer, layout, prefix, capacity, team));
    }
    DropoutSpec dropout = spec.dropout();
    inputDropout =
        new Dropout.OfSequences(
            dropout.input(), dropout.locked(), positions, capacity.rows(), spec.inputSize());
    int widest = spec.layers() > 1 ? spec.outputSize(0) : 0;
    boolean parts = spec.direction() != Direction.FORWARD;
    int arrays = Math.min(spec.layers() - 1, parts || spec.residual() ? 2 : 1);
    between = new float[arrays][Math.multiplyExact(positions, widest)];
    int hidden = Math.max(spec.hiddenSize(), spec.lastSize());
    int input = Math.max(spec.inputSize(), widest);
    scratch =
        new Scratch(
            new float[parts ? Math.multiplyExact(positions, hidden) : 0],
            new float[parts ? Math.multiplyExact(positions, input) : 0]);
  }

  /** Appends the parameters of all layers, with PyTorch's names behind a prefix. */
  public static void layOut(RnnSpec spec, String prefix, ParamLayout.Builder builder) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      StackLayer.layOut(spec, layer, prefix, builder);
    }
  }

  /** Packs the parameters that forward passes need; to be called whenever they changed. */
  public void loadForward(float[] params) {
    this.params = params;
    team.run(loadForward);
  }

  private void loadForward(int part, int parts) {
    for (int i = part; i < layers.size(); i += parts) {
      layers.get(i).loadForward(params);
    }
  }

  /** Packs the parameters that backward passes need. */
  public void loadBackward(float[] params) {
    this.params = params;
    team.run(loadBackward);
  }

  private void loadBackward(int part, int parts) {
    for (int i = part; i < layers.size(); i += parts) {
      layers.get(i).loadBackward(params);
    }
  }

  /**
   * Runs over sequences. In training the inputs are to be left alone until after {@link #backward};
   * dropout of inputs happens to them in place.
   *
   * @param x inputs {@code [N, D]}; or {@code [U, D]}, one for each of U distinct inputs
   * @param tokens the tokens when the inputs are given once for each, or null
   * @param state {@code [layers, directions, slots, B, H]} before the first step of every sequence,
   *     replaced by that after the last; null for zeros and nobody who wants it
   * @param training whether dropout applies, whose masks the key decides
   */
  public void forward(
      float[] x,
      DistinctTokens tokens,
      Packing packing,
      float[] state,
      boolean training,
      long key) {
    take(x, packing, training, key);
    if (training && inputDropout.isOn()) {
      inputDropout.apply(x, packing, 0, packing.steps());
    }
    for (int i = 0; i < layers.size(); i++) {
      beginLayer(i, i == 0 ? tokens : null, state, key);
      layers.get(i).forward(0, packing.steps());
    }
    end(state);
  }

  private void take(float[] x, Packing packing, boolean training, long key) {
    this.x = x;
    this.packing = packing;
    this.training = training;
    if (training && inputDropout.isOn()) {
      inputDropout.draw(RandomBits.key(key, INPUT_SITE), packing);
    }
  }

  private void beginLayer(int i, DistinctTokens tokens, float[] state, long key) {
    float[] inputs = i == 0 ? x : layers.get(i - 1).output();
    int from = i == 0 ? 0 : layers.get(i - 1).outputOffset();
    long own = training ? RandomBits.key(key, LAYER_SITE, i) : 0;
    layers.get(i).begin(params, inputs, from, tokens, packing, state, training, own);
  }

  /**
   * Takes sequences to be read step by step. Nothing is computed yet.
   *
   * @param x inputs {@code [N, D]}, of which those of a step must be there when it is run
   * @param packing the shape of the sequences
   * @param state {@code [layers, slots, B, H]} before the first step, or null for zeros
   * @param training whether dropout applies, whose masks the key decides
   */
  public void begin(float[] x, Packing packing, float[] state, boolean training, long dropoutKey) {
    requireForward();
    take(x, packing, training, dropoutKey);
    for (int i = 0; i < layers.size(); i++) {
      beginLayer(i, null, state, dropoutKey);
    }
  }

  private void requireForward() {
    if (spec.direction() != Direction.FORWARD) {
      throw new IllegalStateException(
          "layers that read " + spec.direction() + " cannot be run step by step");
    }
  }

  /** Runs over step t; its outputs are those of its positions in {@link #output}. */
  public void step(int t) {
    if (training && inputDropout.isOn()) {
      inputDropout.apply(x, packing, t, t + 1);
    }
    for (StackLayer layer : layers) {
      layer.forward(t, t + 1);
    }
  }

  /** Copies the state after the last step of every sequence; nothing for null. */
  public void end(float[] state) {
    if (state != null) {
      layers.forEach(layer -> layer.end(state));
    }
  }

  /**
   * Returns what every layer and direction did over a sequence of the last {@link #forward}, from
   * the first layer on; after a {@link #backward} it is gone.
   */
  public List<CellTrace> traces(int row) {
    return layers.stream().flatMap(layer -> layer.traces(row).stream()).toList();
  }

  /**
   * Returns the array of the last layer's outputs {@code [N, W]}, from {@link #outputOffset} on.
   */
  public float[] output() {
    return layers.get(layers.size() - 1).output();
  }

  /** Returns where the outputs of the last pass begin. */
  public int outputOffset() {
    return layers.get(layers.size() - 1).outputOffset();
  }

  /**
   * Runs back over the sequences of the last {@link #forward} in training.
   *
   * @param dy gradient of the outputs {@code [N, W]}; overwritten
   * @param dx set to the gradient of the inputs, in their shape, or null when nobody needs it
   * @param dState gradient of the state after the sequences, replaced by that of the state before
   *     them; null for zeros and nobody who wants it
   * @param into what the parameters' gradients are added to, in the layout of the parameters
   */
  public void backward(float[] dy, float[] dx, float[] dState, Gradient into) {
    float[] above = dy;
    for (int i = layers.size() - 1; i >= 0; i--) {
      float[] below = i == 0 ? dx : between[i % between.length];
      layers.get(i).backward(above, below, dState, scratch, into);
      above = below;
    }
    if (dx != null && inputDropout.isOn()) {
      inputDropout.apply(dx, packing, 0, packing.steps());
    }
  }

  /**
   * Takes the gradients that {@link #stepBack} reads and writes step by step; the parameters are
   * those of {@link #backward}.
   */
  public void beginBackward(float[] dy, float[] dx, float[] dState, Gradient into) {
    requireForward();
    this.dx = dx;
    gradient = into;
    float[] above = dy;
    for (int i = layers.size() - 1; i >= 0; i--) {
      float[] below = i == 0 ? dx : between[i % between.length];
      layers.get(i).beginBackward(above, below, dState, into);
      above = below;
    }
  }

  /**
   * Runs back over step t, behind t + 1: the gradient of its outputs must be complete, and that of
   * its inputs is there afterwards.
   */
  public void stepBack(int t) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      layers.get(i).stepBack(t, gradient);
    }
    if (dx != null && inputDropout.isOn()) {
      inputDropout.apply(dx, packing, t, t + 1);
    }
  }

  /** Makes the gradients of the weights after {@link #stepBack} of all steps. */
  public void endBackward() {
    layers.forEach(StackLayer::endBackward);
  }

  /** Returns the bytes of activations, masks, scratch and all that training packs. */
  public long bytes() {
    return layers.stream().mapToLong(StackLayer::bytes).sum()
        + inputDropout.bytes()
        + Arrays.stream(between).mapToLong(array -> 4L * array.length).sum()
        + 4L * (scratch.output().length + scratch.input().length);
  }
}
