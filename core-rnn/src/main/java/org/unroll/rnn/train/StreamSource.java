// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.network.Pass;

/**
 * A stream source has shards of text in streams: every round reads the next window of each, and an
 * evaluation reads them from the first window to the last. Its shards follow each other.
 *
 * @param first the number of the first of them among all
 * @param shards the windows of each by split; a split may be missing
 */
public record StreamSource(int first, List<Map<Split, StreamBatcher>> shards)
    implements ExampleSource {

  private StreamBatcher windows(int shard, Split split) {
    return shards.get(shard - first).get(split);
  }

  @Override
  public int windows() {
    return windows(first, Split.TRAIN).windows();
  }

  @Override
  public void fill(int shard, Window window, Batch batch) {
    windows(shard, Split.TRAIN).fill(window.index(), batch);
  }

  @Override
  public boolean has(int shard, Split split) {
    return windows(shard, split) != null;
  }

  @Override
  public int streams(int shard, Split split) {
    return windows(shard, split).rows();
  }

  @Override
  public void evaluate(int shard, Split split, Batch batch, Runnable each) {
    StreamBatcher windows = windows(shard, split);
    for (int i = 0; windows.rows() > 0 && i < windows.windows(); i++) {
      windows.fill(i, batch);
      each.run();
    }
  }

  @Override
  public Pass.Size size() {
    int rows = 0;
    int steps = 0;
    for (Map<Split, StreamBatcher> splits : shards) {
      for (StreamBatcher windows : splits.values()) {
        rows = Math.max(rows, windows.rows());
        steps = Math.max(steps, windows.longest());
      }
    }
    return Pass.Size.ofStreams(steps, rows);
  }
}
