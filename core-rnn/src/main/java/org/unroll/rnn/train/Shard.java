// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;

/**
 * A fixed slice of the data with the hidden state of its training streams. Whoever holds a shard
 * computes the same numbers from it.
 */
public final class Shard {
  private final int index;
  private final StreamBatcher train;
  private final StreamBatcher valid;
  private final StreamBatcher test;
  private float[] state = new float[0];

  /**
   * A shard at the start of its data.
   *
   * @param index its place among the shards, from 0
   * @param valid its part of the validation data, or null
   * @param test its part of the test data, or null
   */
  public Shard(int index, StreamBatcher train, StreamBatcher valid, StreamBatcher test) {
    this.index = index;
    this.train = train;
    this.valid = valid;
    this.test = test;
  }

  /** Its place among the shards, from 0. */
  public int index() {
    return index;
  }

  /** The windows of a split, or null if there is none. */
  public StreamBatcher windows(Split split) {
    return switch (split) {
      case TRAIN -> train;
      case VALID -> valid;
      case TEST -> test;
    };
  }

  /**
   * The state after the last training window, {@code [layers, slots, rows, H]}; empty before the
   * first. The array itself.
   */
  public float[] state() {
    return state;
  }

  /** Takes a copy of a state, to go on behind the window it was read after. */
  public void restore(float[] state) {
    this.state = state.clone();
  }

  /** The state's array, of this size; allocated once. */
  float[] state(int size) {
    if (state.length == 0) {
      state = new float[size];
    } else if (state.length != size) {
      throw new IllegalStateException(
          "shard " + index + " has a state of " + state.length + " numbers but needs " + size);
    }
    return state;
  }

  /**
   * Cuts a shard's part from a split that is in memory.
   *
   * @param tokens all tokens of the split, or null for none
   */
  static StreamBatcher cut(StreamPlan plan, int shard, int[] tokens) {
    if (tokens == null) {
      return null;
    }
    int from = (int) plan.firstToken(shard);
    int to = (int) plan.endToken(shard);
    return new StreamBatcher(plan, shard, TokenRun.of(Arrays.copyOfRange(tokens, from, to)));
  }
}
