// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;

/** Shards of texts that are in memory. */
final class Streams {
  private Streams() {}

  /** Returns a shard's windows of a split. */
  static StreamBatcher cut(StreamPlan plan, int shard, int[] tokens) {
    int from = (int) plan.firstToken(shard);
    int to = (int) plan.endToken(shard);
    return new StreamBatcher(plan, shard, TokenRun.of(Arrays.copyOfRange(tokens, from, to)));
  }

  /**
   * Returns the shards {@code [first, end)} of some texts.
   *
   * @param texts the token ids of each split; a split may be missing
   */
  static StreamSource source(TrainSpec spec, int first, int end, Map<Split, int[]> texts) {
    List<Map<Split, StreamBatcher>> shards = new ArrayList<>();
    for (int s = first; s < end; s++) {
      Map<Split, StreamBatcher> shard = new HashMap<>();
      int number = s;
      texts.forEach(
          (split, text) -> shard.put(split, cut(spec.plan(split, text.length), number, text)));
      shards.add(shard);
    }
    return new StreamSource(first, shards);
  }
}
