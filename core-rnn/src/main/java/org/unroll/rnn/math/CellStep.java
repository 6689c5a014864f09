// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * A cell's step is what the methods of {@link CellKernels} work on: the arrays of a layer, and the
 * places in them of some rows of one step. A thread has one and moves it from step to step, so that
 * a step costs no object. Arrays are {@code [rows, H]} unless said otherwise.
 */
public final class CellStep {
  private final int gateCount;
  final int width;

  /**
   * The products with biases {@code [rows, G H]}, replaced by the activations, and backward those
   * by the gradients of the products; without the recurrent product that {@link #candidate} has.
   */
  final float[] gates;

  // The states before and after the step; c is the LSTM's.
  final float[] h;
  final float[] c;

  /** The GRU's recurrent product of n, which backward replaces by its gradient. */
  final float[] candidate;

  // How many rows, and where the first begins.
  int rows;
  int gatesAt;
  int candidateAt;
  int before;
  int after;

  /** The gradient of h' from the layer above. */
  float[] dy;

  // At the same places: the gradient of h' from the step behind; what takes the part of the GRU's
  // dh that passes by the products; and the gradient of c', replaced by that of c.
  float[] dh;
  float[] dhBefore;
  float[] dc;

  int dyAt;
  int dhAt;

  /**
   * Makes a step of the arrays of a layer.
   *
   * @param gateCount G
   * @param width H
   * @param c of the LSTM, otherwise empty
   * @param candidate of the GRU, otherwise empty
   */
  public CellStep(
      int gateCount, int width, float[] gates, float[] h, float[] c, float[] candidate) {
    this.gateCount = gateCount;
    this.width = width;
    this.gates = gates;
    this.h = h;
    this.c = c;
    this.candidate = candidate;
  }

  /**
   * Moves to some rows.
   *
   * @param position of the first row among all steps
   * @param before where the states before the step begin
   * @param after where the states after it begin
   */
  public CellStep move(int rows, int position, int before, int after) {
    this.rows = rows;
    this.before = before;
    this.after = after;
    gatesAt = position * gateCount * width;
    candidateAt = position * width;
    dyAt = candidateAt;
    return this;
  }

  /**
   * Takes the gradients that backward reads and writes.
   *
   * @param dy at the positions of the steps
   * @param row the first row, where it begins in the others
   */
  public CellStep take(float[] dy, float[] dh, float[] dhBefore, float[] dc, int row) {
    this.dy = dy;
    this.dh = dh;
    this.dhBefore = dhBefore;
    this.dc = dc;
    dhAt = row * width;
    return this;
  }

  /** Refuses rows that the arrays do not have. */
  void checkForward() {
    Ops.checkMatrix("gates", gates, gatesAt, rows, gateCount * width, gateCount * width);
    check("previous h", h, before);
    check("h", h, after);
    if (candidate.length > 0) {
      check("candidate", candidate, candidateAt);
    }
    if (c.length > 0) {
      check("previous c", c, before);
      check("c", c, after);
    }
  }

  /** Refuses rows that the arrays or the gradients do not have. */
  void checkBackward() {
    checkForward();
    check("dy", dy, dyAt);
    check("dh", dh, dhAt);
    check("previous dh", dhBefore, dhAt);
    if (c.length > 0) {
      check("dc", dc, dhAt);
    }
  }

  private void check(String name, float[] x, int at) {
    Ops.checkMatrix(name, x, at, rows, width, width);
  }
}
