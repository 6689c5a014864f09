// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.train.Wire;

/**
 * The parameters of a round that is a job, to be broadcast: rounded, and as few bytes as that
 * leaves. Spark keeps one such object in every process, whose tasks share what is unpacked.
 */
public final class RoundParams implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int size;
  private final boolean half;
  private final PackedFloats packed;
  private transient float[] unpacked;

  RoundParams(float[] params, Wire wire) {
    size = params.length;
    half = wire == Wire.BF16;
    packed = PackedFloats.of(List.of(Segment.of(params, wire)));
  }

  /** The parameters to compute with, which nobody may change. */
  synchronized float[] get() {
    if (unpacked == null) {
      float[] params = new float[size];
      packed.unpack(List.of(Segment.of(params, half ? Wire.BF16 : Wire.FP32)));
      unpacked = params;
    }
    return unpacked;
  }
}
