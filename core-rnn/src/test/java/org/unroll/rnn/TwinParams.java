// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import org.unroll.rnn.nn.ParamLayout;

/** Parameters of a network in double, by their names. */
public record TwinParams(ParamLayout layout, double[] values) {

  /** Returns a copy of parameters. */
  public static TwinParams of(ParamLayout layout, float[] params) {
    double[] values = new double[params.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = params[i];
    }
    return new TwinParams(layout, values);
  }

  /** Returns these parameters moved along a direction. */
  public TwinParams moved(double[] direction, double step) {
    double[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    return new TwinParams(layout, moved);
  }

  /** Returns an element of a parameter. */
  public double get(String name, int element) {
    return values[layout.get(name).offset() + element];
  }

  /** Returns the product of a matrix {@code [rows, x.length]} with x. */
  public double[] product(String weight, double[] x) {
    int at = layout.get(weight).offset();
    double[] y = new double[layout.get(weight).shape().get(0)];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += values[at + i * x.length + j] * x[j];
      }
    }
    return y;
  }

  /** Adds a vector to y. */
  public void add(String vector, double[] y) {
    int at = layout.get(vector).offset();
    for (int i = 0; i < y.length; i++) {
      y[i] += values[at + i];
    }
  }
}
