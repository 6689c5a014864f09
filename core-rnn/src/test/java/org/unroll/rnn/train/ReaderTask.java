// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.ReaderModel;

/** A reader with its data, trained in this thread. */
record ReaderTask(
    ReaderModel model,
    TrainSpec spec,
    List<SequenceExample> train,
    List<SequenceExample> valid,
    Metric metric) {

  /** The shards {@code [first, end)}. */
  ExampleShards shards(int first, int end) {
    List<Map<Split, List<SequenceExample>>> data = new ArrayList<>();
    for (int s = first; s < end; s++) {
      data.add(Map.of(Split.TRAIN, part(train, s), Split.VALID, part(valid, s)));
    }
    return new ExampleShards(model, spec, rounds(), first, data, metric, 10, 1);
  }

  private List<SequenceExample> part(List<SequenceExample> all, int shard) {
    int from = (int) BucketBatcher.firstOf(all.size(), shard, spec.shards());
    return all.subList(from, (int) BucketBatcher.firstOf(all.size(), shard + 1, spec.shards()));
  }

  int rounds() {
    return BucketBatcher.rounds(train.size(), spec.batch());
  }

  LocalRounds localRounds() {
    return new LocalRounds(model.layout().size(), spec, rounds(), shards(0, spec.shards()));
  }

  TrainResult fit() {
    return new Trainer(model, spec, sums -> Double.NaN)
        .fit(localRounds(), null, TrainListener.NONE);
  }

  /** What the metric says of the validation data. */
  Map<String, Double> figures(float[] params) {
    ExampleShards shards = shards(0, spec.shards());
    shards.load(params);
    Evaluation all = Evaluation.NONE;
    for (int s = 0; s < spec.shards(); s++) {
      all = all.plus(shards.evaluate(s, Split.VALID));
    }
    return metric.figures(all.sums());
  }
}
