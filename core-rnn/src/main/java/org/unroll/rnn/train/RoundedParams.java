// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** The parameters as shards compute with them in training: what {@link Wire} leaves of them. */
public final class RoundedParams {
  private final Wire wire;
  private float[] rounded = {};

  /** What a wire leaves. */
  public RoundedParams(Wire wire) {
    this.wire = wire;
  }

  /** The parameters themselves where nothing is rounded, otherwise a copy that is used again. */
  public float[] of(float[] params) {
    if (wire == Wire.FP32) {
      return params;
    }
    if (rounded.length != params.length) {
      rounded = new float[params.length];
    }
    System.arraycopy(params, 0, rounded, 0, params.length);
    wire.round(rounded, 0, rounded.length);
    return rounded;
  }
}
