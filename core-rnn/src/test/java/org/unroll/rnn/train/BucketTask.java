// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.BucketBatcher;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;

/** A network with whole sequences, trained in this thread. */
record BucketTask(
    Network network, TrainSpec spec, List<Example> train, List<Example> valid, Metric metric) {

  /** Returns the source of the shards {@code [first, end)}. */
  BucketSource source(int first, int end) {
    List<Map<Split, List<Example>>> data = new ArrayList<>();
    for (int s = first; s < end; s++) {
      data.add(Map.of(Split.TRAIN, part(train, s), Split.VALID, part(valid, s)));
    }
    return new BucketSource(network, spec, rounds(), first, data);
  }

  /** Returns the learner of the shards {@code [first, end)}. */
  NetworkLearner learner(int first, int end) {
    return new NetworkLearner(network, spec, source(first, end), metric, 1);
  }

  private List<Example> part(List<Example> all, int shard) {
    int small = all.size() / spec.shards();
    int large = all.size() % spec.shards();
    int from = small * shard + Math.min(shard, large);
    return all.subList(from, from + small + (shard < large ? 1 : 0));
  }

  int rounds() {
    return BucketBatcher.rounds(train.size(), spec.batch());
  }

  LocalRounds localRounds() {
    return new LocalRounds(network.layout().size(), spec, rounds(), learner(0, spec.shards()));
  }

  TrainResult fit() {
    return new Trainer(network, spec).fit(localRounds(), null);
  }

  /** Returns what the metric says of the validation data. */
  Map<String, Double> figures(float[] params) {
    NetworkLearner shards = learner(0, spec.shards());
    shards.load(params);
    Evaluation all = Evaluation.NONE;
    for (int s = 0; s < spec.shards(); s++) {
      all = all.plus(shards.evaluate(s, Split.VALID));
    }
    return metric.figures(all.sums());
  }
}
