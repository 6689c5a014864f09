// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.BucketSource;
import org.unroll.rnn.train.ExampleSource;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.rows.SequenceRow;

/**
 * The shards of rows, of which a worker makes examples when it opens them.
 *
 * @param task makes examples of rows
 * @param spec how they are read
 * @param rounds of an epoch
 * @param splits that there are
 * @param folder where the encoded rows are
 * @param encoder knows their vocabularies
 */
record ExampleShards(
    RowTask task,
    TrainSpec spec,
    int rounds,
    Set<Split> splits,
    RowShards folder,
    Broadcast<RowEncoder> encoder)
    implements TrainingShards {

  /**
   * Returns what is learnt from a row of training data, or what another row is scored by.
   *
   * @throws UnusableRowException if the task cannot use the row
   */
  static List<Example> examples(RowTask task, Split split, SequenceRow row, RowEncoder encoder)
      throws UnusableRowException {
    return split == Split.TRAIN ? task.toLearn(row, encoder) : List.of(task.toScore(row, encoder));
  }

  @Override
  public int windows() {
    return rounds;
  }

  /** Returns 0: sequences are read whole. */
  @Override
  public int streams(int shard) {
    return 0;
  }

  @Override
  public boolean has(Split split) {
    return splits.contains(split);
  }

  @Override
  public ExampleSource open(Network network, int first, int end) {
    List<Map<Split, List<Example>>> data = new ArrayList<>();
    for (int shard = first; shard < end; shard++) {
      Map<Split, List<Example>> own = new EnumMap<>(Split.class);
      for (Split split : splits) {
        own.put(split, read(split, shard));
      }
      data.add(own);
    }
    return new BucketSource(network, spec, rounds, first, data);
  }

  private List<Example> read(Split split, int shard) {
    RowEncoder known = encoder.value();
    List<Example> all = new ArrayList<>();
    folder.read(
        split,
        shard,
        known.vocabularies(),
        row -> {
          try {
            all.addAll(examples(task, split, row, known));
          } catch (UnusableRowException e) {
            throw new IllegalStateException("only rows that can be used were encoded", e);
          }
        });
    return all;
  }
}
