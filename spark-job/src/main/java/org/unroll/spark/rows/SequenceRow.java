// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;

/**
 * A sequence with what is known of it: T steps, each with a token of every text column, D numbers,
 * or both. Arrays are not copied; nobody writes to them.
 *
 * @param key where it stands
 * @param id its name in the input, or null
 * @param tokens {@code [columns][T]}; no columns if no text was asked for
 * @param features {@code [T, D]}, the channels of a step side by side, NaN where a value is
 *     missing; empty if none were asked for
 * @param channels D
 * @param label of the whole sequence, or null
 * @param stepLabels {@code [T]}, or null
 * @param targets numbers to predict, or null
 */
@DefaultSerializer(SequenceRowSerializer.class)
public record SequenceRow(
    RowKey key,
    String id,
    String[][] tokens,
    float[] features,
    int channels,
    String label,
    String[] stepLabels,
    float[] targets) {

  /** T. */
  public int steps() {
    return channels > 0 ? features.length / channels : tokens.length > 0 ? tokens[0].length : 0;
  }
}
