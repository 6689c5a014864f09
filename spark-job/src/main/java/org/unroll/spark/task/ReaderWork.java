// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.train.ExampleShards;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.rounds.ShardWork;

/**
 * Training a reader on encoded rows.
 *
 * @param metric what evaluations add up
 * @param rounds of an epoch
 * @param splits that there are
 * @param folder where the rows of the shards are
 * @param encoder makes examples of them
 */
record ReaderWork(
    ReaderSpec model,
    TrainSpec spec,
    Metric metric,
    int rounds,
    Set<Split> splits,
    RowShards folder,
    Broadcast<RowEncoder> encoder)
    implements ShardWork {

  @Override
  public int shards() {
    return spec.shards();
  }

  @Override
  public int parameters() {
    return new ReaderModel(model).layout().size();
  }

  @Override
  public Wire wire() {
    return spec.wire();
  }

  @Override
  public int windows() {
    return rounds;
  }

  @Override
  public int stateSize(int shard) {
    return 0;
  }

  @Override
  public boolean has(Split split) {
    return splits.contains(split);
  }

  @Override
  public Learner open(int first, int end) {
    List<Map<Split, List<SequenceExample>>> data = new ArrayList<>();
    for (int shard = first; shard < end; shard++) {
      Map<Split, List<SequenceExample>> own = new EnumMap<>(Split.class);
      for (Split split : splits) {
        own.put(split, examples(split, shard));
      }
      data.add(own);
    }
    TaskContext task = TaskContext.get();
    int threads = task == null ? 1 : task.cpus();
    return new ExampleShards(new ReaderModel(model), spec, rounds, first, data, metric, 1, threads);
  }

  private List<SequenceExample> examples(Split split, int shard) {
    RowEncoder rows = encoder.value();
    List<SequenceExample> examples = new ArrayList<>();
    folder.read(
        split,
        shard,
        rows.vocabularies(),
        row -> {
          try {
            examples.addAll(rows.examples(split, row));
          } catch (UnusableRowException e) {
            throw new IllegalStateException("only rows that can be used were encoded", e);
          }
        });
    return examples;
  }
}
