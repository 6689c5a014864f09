// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.data.Batch;
import org.unroll.rnn.network.Pass;

/**
 * An example source has the data of some shards, and deals them out in batches: windows of streams,
 * whose state may be carried from one to the next ({@link StreamSource}), or whole sequences in
 * buckets of similar lengths ({@link BucketSource}).
 */
public interface ExampleSource {

  /** Returns the windows, or batches, that training reads of every shard in an epoch. */
  int windows();

  /**
   * Fills a batch with a window of training; it may have no rows.
   *
   * @param window whose index counts windows
   */
  void fill(int shard, Window window, Batch batch);

  /** Returns whether a shard has data in a split. */
  boolean has(int shard, Split split);

  /**
   * Returns the streams of a shard in a split, which are the rows of every batch; 0 where sequences
   * are read whole.
   */
  int streams(int shard, Split split);

  /**
   * Fills a batch with each part of a shard's split in turn, in an order that depends on the data
   * alone.
   *
   * @param each is run whenever the batch was filled
   */
  void evaluate(int shard, Split split, Batch batch, Runnable each);

  /** Returns the size of the largest batch where it is known beforehand, otherwise that of none. */
  default Pass.Size size() {
    return Pass.Size.NONE;
  }
}
