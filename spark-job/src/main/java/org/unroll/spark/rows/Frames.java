// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/**
 * Numbers by step.
 *
 * @param values {@code [T, D]}, the channels of a step side by side; NaN where one is missing
 * @param channels D
 */
record Frames(float[] values, int channels) {
  /** T. */
  int steps() {
    return channels == 0 ? 0 : values.length / channels;
  }
}
