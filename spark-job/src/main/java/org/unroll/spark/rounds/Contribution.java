// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.List;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.WorkerTimes;

/**
 * What a worker answers to a {@link Command}. The arrays belong to whoever made the contribution,
 * and are lent to the driver until the next command.
 *
 * @param round the exchange it belongs to
 * @param sums TRAIN: the sums of the worker's nodes of the canonical tree, otherwise empty
 * @param evaluations EVALUATE: that of each of the worker's shards, otherwise empty
 * @param states TRAIN: the states behind the window, as in {@link Command}; otherwise empty
 * @param times that it took; only reported
 */
record Contribution(
    long round,
    List<WeightedSum> sums,
    List<Evaluation> evaluations,
    float[] states,
    WorkerTimes times) {
  static final float[] NO_STATES = {};
}
