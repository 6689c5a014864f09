// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.data.BoundedBatches;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.ReaderMemory;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.ReaderRunner;

/**
 * Shards of a reader's training: every shard has sequences of its own, of which it reads some in
 * every round. Nothing is carried from round to round.
 */
public final class ExampleShards implements Learner {
  private static final float[] NO_STATE = {};

  private final TrainSpec spec;
  private final int first;
  private final List<Map<Split, List<SequenceExample>>> data;
  private final List<BucketBatcher> batchers;
  private final Metric metric;
  private final int beam;
  private final int evalBatch;
  private final ReaderMemory memory;
  private final SequenceBatch batch;
  private final ReaderRunner runner;

  /**
   * A group of shards that follow each other.
   *
   * @param rounds of an epoch, of {@link BucketBatcher#rounds}
   * @param first the number of the first of these shards among all
   * @param data the sequences of each shard by split; a split may be missing
   * @param metric what evaluation adds up, or null for the loss alone
   * @param beam how many prefixes predictions follow where labels are not aligned
   * @param threads that compute together; their number changes no bit
   * @throws IllegalArgumentException if there is nothing to learn from a sequence of the training
   *     data, naming it; and later, if one is none of the model's
   */
  public ExampleShards(
      ReaderModel model,
      TrainSpec spec,
      int rounds,
      int first,
      List<Map<Split, List<SequenceExample>>> data,
      Metric metric,
      int beam,
      int threads) {
    this.spec = spec;
    this.first = first;
    this.data = List.copyOf(data);
    this.metric = metric;
    this.beam = beam;
    evalBatch = Math.max(1, spec.evalBatch() / spec.shards());
    memory = new ReaderMemory(model);
    batchers =
        IntStream.range(0, data.size())
            .mapToObj(i -> batcher(first + i, data.get(i), rounds))
            .toList();
    data.forEach(own -> own.getOrDefault(Split.TRAIN, List.of()).forEach(e -> check(model, e)));
    batch = new SequenceBatch(model.spec().batchShape());
    runner = new ReaderRunner(model, new Team(threads));
  }

  private static void check(ReaderModel model, SequenceExample example) {
    if (!model.spec().head().learnsFrom(example)) {
      throw new IllegalArgumentException(
          "there is nothing to learn from sequence "
              + example.id()
              + " of "
              + example.steps()
              + " steps: its target is not known or cannot be met");
    }
  }

  private BucketBatcher batcher(int shard, Map<Split, List<SequenceExample>> own, int rounds) {
    List<SequenceExample> train = own.getOrDefault(Split.TRAIN, List.of());
    long key = RandomUse.BATCHES.key(spec.seed(), 0, 0);
    return new BucketBatcher(train, shard, spec.shards(), rounds, key);
  }

  @Override
  public void load(float[] params) {
    runner.setParams(params);
  }

  @Override
  public void gradient(int shard, Window window, WeightedSum into) {
    batch.fill(batchers.get(shard - first).batch(window.epoch(), window.index()));
    long dropoutKey = RandomUse.DROPOUT.key(spec.seed(), window.step(), shard);
    into.add(runner.train(batch, dropoutKey, into.parts()));
  }

  @Override
  public Evaluation evaluate(int shard, Split split) {
    List<SequenceExample> examples = data.get(shard - first).get(split);
    if (examples == null) {
      return Evaluation.NONE;
    }
    double[] sums = new double[metric == null ? 0 : metric.size()];
    Evaluation evaluation = Evaluation.NONE;
    Iterator<List<SequenceExample>> batches = evaluationBatches(shard, examples);
    while (batches.hasNext()) {
      batch.fill(batches.next());
      runner.read(batch);
      evaluation = evaluation.plus(Evaluation.of(runner.loss()));
      for (int row = 0; metric != null && row < batch.rows(); row++) {
        metric.add(batch.example(row), runner.prediction(row, beam), sums);
      }
    }
    return new Evaluation(evaluation.loss(), sums);
  }

  /** What is evaluated together of some sequences. */
  Iterator<List<SequenceExample>> evaluationBatches(int shard, List<SequenceExample> examples) {
    return new BoundedBatches<>(
        BucketBatcher.byLength(examples).iterator(),
        memory::bytes,
        evalBatch,
        evaluationBytes(shard));
  }

  /**
   * What may be evaluated together, however long the sequences are: as much as the largest batch
   * that training can meet takes, or some more where that is little. It depends on the shard's own
   * data alone, so that its loss is added up in the same order whoever hosts it.
   */
  private long evaluationBytes(int shard) {
    List<SequenceExample> train = data.get(shard - first).getOrDefault(Split.TRAIN, List.of());
    long[] bytes = train.stream().mapToLong(memory::bytes).sorted().toArray();
    int most = Math.min(bytes.length, batchers.get(shard - first).most());
    long largest = Arrays.stream(bytes, bytes.length - most, bytes.length).sum();
    return Math.max(ReaderMemory.READING, largest);
  }

  /** Empty: nothing is carried. */
  @Override
  public float[] state(int shard) {
    return NO_STATE;
  }

  /** Nothing to take. */
  @Override
  public void restore(int shard, float[] state) {}
}
