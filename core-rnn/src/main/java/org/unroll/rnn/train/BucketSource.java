// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BoundedBatches;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.BatchMemory;
import org.unroll.rnn.network.Network;

/**
 * A bucket source has shards of whole sequences, of which every shard reads some of similar lengths
 * in every round. Nothing is carried from round to round.
 */
public final class BucketSource implements ExampleSource {
  private final TrainSpec spec;
  private final int rounds;
  private final int first;
  private final List<Map<Split, List<Example>>> data;
  private final List<BucketBatcher> batchers = new ArrayList<>();
  private final int evalBatch;
  private final BatchMemory memory;

  /**
   * Has shards that follow each other.
   *
   * @param rounds the batches of an epoch, of {@link BucketBatcher#rounds}
   * @param first the number of the first of these shards among all
   * @param data the sequences of each shard by split; a split may be missing
   * @throws IllegalArgumentException if there is nothing to learn from a sequence of the training
   *     data, naming it
   */
  public BucketSource(
      Network network,
      TrainSpec spec,
      int rounds,
      int first,
      List<Map<Split, List<Example>>> data) {
    this.spec = spec;
    this.rounds = rounds;
    this.first = first;
    this.data = List.copyOf(data);
    evalBatch = Math.max(1, spec.evalBatch() / spec.shards());
    memory = new BatchMemory(network);
    long key = RandomUse.BATCHES.key(spec.seed(), 0, 0);
    for (int i = 0; i < data.size(); i++) {
      List<Example> train = data.get(i).getOrDefault(Split.TRAIN, List.of());
      train.forEach(example -> check(network, example));
      batchers.add(
          new BucketBatcher(train, first + i, spec.shards(), rounds, spec.curriculum(), key));
    }
  }

  private static void check(Network network, Example example) {
    if (!network.spec().head().learnsFrom(example)) {
      throw new IllegalArgumentException(
          ("there is nothing to learn from sequence %s of %s steps: its target is not known"
                  + " or cannot be met")
              .formatted(example.id(), example.steps()));
    }
  }

  @Override
  public int windows() {
    return rounds;
  }

  @Override
  public void fill(int shard, Window window, Batch batch) {
    batch.fill(batchers.get(shard - first).batch(window.epoch(), window.index()));
  }

  @Override
  public boolean has(int shard, Split split) {
    return data.get(shard - first).containsKey(split);
  }

  /** Returns 0: sequences are read whole. */
  @Override
  public int streams(int shard, Split split) {
    return 0;
  }

  @Override
  public void evaluate(int shard, Split split, Batch batch, Runnable each) {
    List<Example> examples = data.get(shard - first).get(split);
    Iterator<List<Example>> batches = evaluationBatches(shard, examples);
    while (batches.hasNext()) {
      batch.fill(batches.next());
      each.run();
    }
  }

  /** Returns what is evaluated together of some sequences. */
  Iterator<List<Example>> evaluationBatches(int shard, List<Example> examples) {
    return new BoundedBatches<>(
        BucketBatcher.byLength(examples).iterator(),
        memory::bytes,
        evalBatch,
        evaluationBytes(shard));
  }

  /**
   * Returns what may be evaluated together, however long the sequences are: as much as the largest
   * batch that training can meet takes, or some more where that is little. It depends on the
   * shard's own data alone, so that its loss is added up in the same order whoever hosts it.
   */
  private long evaluationBytes(int shard) {
    List<Example> train = data.get(shard - first).getOrDefault(Split.TRAIN, List.of());
    long[] bytes = train.stream().mapToLong(memory::bytes).sorted().toArray();
    int most = Math.min(bytes.length, batchers.get(shard - first).most());
    long largest = Arrays.stream(bytes, bytes.length - most, bytes.length).sum();
    return Math.max(BatchMemory.READING, largest);
  }
}
