// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/**
 * Layers of one cell on top of each other with dropout between them, and the buffers for them:
 * {@code torch.nn.RNN}, {@code GRU} and {@code LSTM}. Not for use by two threads at a time.
 */
public final class RnnStack {
  private final RnnSpec spec;
  private final List<LayerRun> layers = new ArrayList<>();

  /**
   * Per layer but the last: the output with dropout, which the next layer reads; empty without
   * dropout.
   */
  private final List<float[]> dropped = new ArrayList<>();

  private final List<Dropout> dropouts = new ArrayList<>();

  private final Team team;
  private final Team.Task loadForward = this::loadForward;
  private final Team.Task loadBackward = this::loadBackward;
  private float[] params;

  /** Gradient of a layer's output, {@code [T, B, H]}. */
  private final float[] gradientBetween;

  /**
   * Prepares for windows of at most {@code maxSteps} x {@code maxRows}.
   *
   * @param vocabulary of the tokens that inputs may be given by, or 0 for inputs by position only
   * @param team the threads that do the work together
   */
  public RnnStack(
      RnnSpec spec,
      ParamLayout layout,
      String prefix,
      int maxSteps,
      int maxRows,
      int vocabulary,
      Team team) {
    this.spec = spec;
    this.team = team;
    int outputs = Math.multiplyExact(maxSteps * maxRows, spec.hiddenSize());
    for (int layer = 0; layer < spec.layers(); layer++) {
      int distinct = layer > 0 ? 0 : DistinctTokens.capacity(vocabulary, maxSteps * maxRows);
      LayerSpec shape = spec.layer(layer);
      LayerWorkspace workspace =
          new LayerWorkspace(shape, maxSteps * maxRows, maxSteps, maxRows, distinct, team.size());
      RecurrentLayer recurrent = new RecurrentLayer(shape, layout, prefix, "_l" + layer);
      layers.add(new LayerRun(recurrent, workspace, shape.inputSize(), 0, team));
      boolean drops = spec.dropout() > 0 && layer < spec.layers() - 1;
      dropouts.add(new Dropout(drops ? spec.dropout() : 0, outputs));
      dropped.add(new float[drops ? outputs : 0]);
    }
    gradientBetween = new float[spec.layers() > 1 ? outputs : 0];
  }

  /**
   * Appends the parameters of all layers, with PyTorch's names behind a prefix such as {@code
   * rnn.}.
   */
  public static void layOut(RnnSpec spec, String prefix, ParamLayout.Builder builder) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      spec.layer(layer).layOut(prefix, "_l" + layer, builder);
    }
  }

  /** Packs the weights that forward passes need; to be called whenever the parameters changed. */
  public void loadForward(float[] params) {
    this.params = params;
    team.run(loadForward);
  }

  private void loadForward(int part, int parts) {
    for (int i = part; i < layers.size(); i += parts) {
      layers.get(i).loadForward(params);
    }
  }

  /** Packs the weights that backward passes need. */
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
   * Runs over a window without dropout.
   *
   * @param x inputs {@code [T, B, D]}, to be left alone until after {@link #backward}; or {@code
   *     [U, D]}, one for each of U distinct tokens
   * @param tokens the tokens when the inputs are given by token, or null
   * @param lengths steps of each row, or null when all have T
   * @param state {@code [layers, slots, B, H]}, replaced by the state after the window
   */
  public void forward(
      float[] x, DistinctTokens tokens, int steps, int rows, int[] lengths, float[] state) {
    run(x, tokens, steps, rows, lengths, state, false, 0);
  }

  /** As {@link #forward} with dropout masks that the key decides. */
  public void forwardTraining(
      float[] x,
      DistinctTokens tokens,
      int steps,
      int rows,
      int[] lengths,
      float[] state,
      long dropoutKey) {
    run(x, tokens, steps, rows, lengths, state, true, dropoutKey);
  }

  private void run(
      float[] x,
      DistinctTokens tokens,
      int steps,
      int rows,
      int[] lengths,
      float[] state,
      boolean training,
      long key) {
    float[] layerInput = x;
    int offset = 0;
    int outputs = steps * rows * spec.hiddenSize();
    for (int i = 0; i < layers.size(); i++) {
      LayerWorkspace w = layers.get(i).workspace();
      DistinctTokens by = i == 0 ? tokens : null;
      int slice = i * stateSlice(rows);
      layers.get(i).forward(layerInput, offset, by, steps, rows, lengths, state, slice);
      layerInput = w.h;
      offset = rows * spec.hiddenSize();
      Dropout dropout = dropouts.get(i);
      if (training && dropout.isOn()) {
        dropout.draw(RandomBits.key(key, i), outputs);
        System.arraycopy(w.h, offset, dropped.get(i), 0, outputs);
        dropout.apply(dropped.get(i), 0, outputs);
        layerInput = dropped.get(i);
        offset = 0;
      }
    }
  }

  private int stateSlice(int rows) {
    return spec.cell().stateSlots() * rows * spec.hiddenSize();
  }

  /**
   * The array that holds the last layer's outputs {@code [T, B, H]} from {@link #outputOffset()}
   * on.
   */
  public float[] output() {
    return layers.get(layers.size() - 1).workspace().h;
  }

  /** Where the outputs of the last pass begin. */
  public int outputOffset() {
    return layers.get(layers.size() - 1).workspace().rows * spec.hiddenSize();
  }

  /**
   * Runs back over the window of the last {@link #forwardTraining}.
   *
   * @param dy gradient of the outputs {@code [T, B, H]}, not read at padded steps
   * @param dx set to the gradient of the inputs, in their shape, or null when nobody needs it
   * @param dState gradient of the state after the window {@code [layers, slots, B, H]}, replaced by
   *     that of the state before it
   * @param gradient what the parameters' gradients are added to, in the layout of the parameters
   */
  public void backward(float[] dy, float[] dx, float[] dState, Gradient gradient) {
    float[] outputGradient = dy;
    for (int i = layers.size() - 1; i >= 0; i--) {
      LayerWorkspace w = layers.get(i).workspace();
      int outputs = w.steps * w.rows * spec.hiddenSize();
      boolean drops = i > 0 && dropouts.get(i - 1).isOn();
      float[] inputGradient = i == 0 ? dx : gradientBetween;
      int slice = i * stateSlice(w.rows);
      layers.get(i).backward(outputGradient, inputGradient, dState, slice, gradient);
      if (drops) {
        dropouts.get(i - 1).apply(inputGradient, 0, outputs);
      }
      outputGradient = inputGradient;
    }
  }

  /** Bytes of activations, masks, scratch and all that training packs. */
  public long bytes() {
    long bytes = 4L * gradientBetween.length;
    for (int i = 0; i < layers.size(); i++) {
      bytes +=
          layers.get(i).workspace().bytes() + 4L * dropped.get(i).length + dropouts.get(i).bytes();
    }
    return bytes;
  }
}
