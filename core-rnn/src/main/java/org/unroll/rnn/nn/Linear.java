// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.Team;

/**
 * A linear layer, {@code torch.nn.Linear}, is applied to any number of vectors. It is not for use
 * by two callers at a time.
 *
 * <pre>
 *   y = W x + b     dx = W^T dy     dW = sum of dy x^T     db = sum of dy
 * </pre>
 */
public final class Linear {
  private final Param weight;
  private final Param bias;
  private final int inputs;
  private final int outputs;
  private final PackedMatrix forwardWeight = new PackedMatrix();
  private final PackedMatrix backwardWeight = new PackedMatrix();
  private final PackedMatrix factor = new PackedMatrix();
  private final PackedLeft[] left;
  private final Team team;
  private final Team.Task forward = this::forward;
  private final Team.Task inputGradient = this::inputGradient;
  private final Team.Task packInputs = this::packInputs;
  private final Team.Task weightGradient = this::weightGradient;
  private float[] params;

  // The pass at work.
  private int n;
  private float[] x;
  private int xo;
  private int xs;
  private float[] y;
  private int yo;
  private float[] dx;
  private int dxo;
  private int dxs;
  private boolean addInput;
  private float[] gradient;
  private boolean add;

  /**
   * Makes the layer whose parameters {@code weight [C, D]} and, if there is one, {@code bias [C]} a
   * layout has.
   */
  public Linear(ParamLayout layout, String prefix, Team team) {
    weight = layout.get(prefix + "weight");
    bias = layout.contains(prefix + "bias") ? layout.get(prefix + "bias") : null;
    outputs = weight.shape().get(0);
    inputs = weight.shape().get(1);
    left = new PackedLeft[team.size()];
    Arrays.setAll(left, i -> new PackedLeft());
    this.team = team;
  }

  /** Appends the parameters. */
  public static void layOut(String prefix, int outputs, int inputs, ParamLayout.Builder builder) {
    layOutWeight(prefix, outputs, inputs, builder);
    builder.add(prefix + "bias", Param.Role.OUTPUT_BIAS, outputs);
  }

  /** Appends the parameters of a layer without a bias. */
  public static void layOutWeight(
      String prefix, int outputs, int inputs, ParamLayout.Builder builder) {
    builder.add(prefix + "weight", Param.Role.OUTPUT_WEIGHT, outputs, inputs);
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  public void load(float[] params) {
    this.params = params;
    forwardWeight.packTransposed(params, weight.offset(), inputs, outputs, inputs);
    backwardWeight.pack(params, weight.offset(), inputs, outputs, inputs);
  }

  /** Makes the outputs {@code [n, C]} of {@code x [n, D]}. */
  public void forward(float[] x, int xo, int n, float[] y) {
    forward(x, xo, inputs, n, y, 0);
  }

  /** Makes the outputs {@code [n, C]}, from {@code yo} on, of rows that lie {@code xs} apart. */
  public void forward(float[] x, int xo, int xs, int n, float[] y, int yo) {
    this.x = x;
    this.xo = xo;
    this.xs = xs;
    this.n = n;
    this.y = y;
    this.yo = yo;
    team.run(forward);
  }

  private void forward(int part, int parts) {
    int first = Team.start(n, part, parts);
    int count = Team.start(n, part + 1, parts) - first;
    int from = xo + first * xs;
    int to = yo + first * outputs;
    if (bias == null) {
      Ops.gemm(count, x, from, xs, forwardWeight, y, to, outputs, false);
    } else {
      int b = bias.offset();
      Ops.gemmWithBias(count, x, from, xs, forwardWeight, params, b, y, to, outputs);
    }
  }

  /**
   * Makes the gradients of the last forward pass.
   *
   * @param dy of the outputs {@code [n, C]}
   * @param dx set to that of the inputs {@code [n, D]}, or that is added to it
   */
  public void backward(float[] dy, float[] dx, boolean addToInputs, Gradient into) {
    backwardInputs(dy, 0, n, dx, 0, inputs, addToInputs);
    backwardWeights(x, xo, xs, dy, n, into);
  }

  /**
   * Makes the gradient of n inputs, whose rows lie {@code dxs} apart from {@code dxo} on.
   *
   * @param dy of the outputs {@code [n, C]} from {@code dyo} on
   * @param dx set to that of the inputs, or that is added to it
   */
  public void backwardInputs(
      float[] dy, int dyo, int n, float[] dx, int dxo, int dxs, boolean addToInputs) {
    y = dy;
    yo = dyo;
    this.n = n;
    this.dx = dx;
    this.dxo = dxo;
    this.dxs = dxs;
    addInput = addToInputs;
    team.run(inputGradient);
  }

  private void inputGradient(int part, int parts) {
    int first = Team.start(n, part, parts);
    int count = Team.start(n, part + 1, parts) - first;
    int from = yo + first * outputs;
    Ops.gemm(count, y, from, outputs, backwardWeight, dx, dxo + first * dxs, dxs, addInput);
  }

  /**
   * Makes the gradients of the parameters.
   *
   * @param x the n inputs, whose rows lie {@code xs} apart
   * @param dy of the outputs {@code [n, C]}
   */
  public void backwardWeights(float[] x, int xo, int xs, float[] dy, int n, Gradient into) {
    if (n == 0) {
      return;
    }
    this.x = x;
    this.xo = xo;
    this.xs = xs;
    this.n = n;
    y = dy;
    factor.reserve(n, inputs);
    team.run(packInputs);
    if (bias != null) {
      into.addTo(bias.offset(), bias.end());
    }
    add = into.claim(weight.offset(), weight.end());
    gradient = into.values();
    team.run(weightGradient);
  }

  private void packInputs(int part, int parts) {
    factor.packRows(x, xo, xs, Team.start(n, part, parts), Team.start(n, part + 1, parts));
  }

  private void weightGradient(int part, int parts) {
    int first = Team.start(outputs, part, parts);
    int size = Team.start(outputs, part + 1, parts) - first;
    if (size == 0) {
      return;
    }
    left[part].pack(y, first, outputs, n, size);
    int at = weight.offset() + first * inputs;
    Ops.gemm(left[part], factor, gradient, at, inputs, add);
    if (bias != null) {
      Ops.addColumnSums(y, first, outputs, n, size, gradient, bias.offset() + first);
    }
  }
}
