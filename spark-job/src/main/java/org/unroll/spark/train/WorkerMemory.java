// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.model.ModelRunner;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.SplitSources;

/** What a worker needs, known before it starts. */
final class WorkerMemory {
  private WorkerMemory() {}

  /**
   * Bytes of the model's buffers, of its parameters, of the shards' gradients on their way up the
   * tree, and of the shards' tokens.
   */
  static long bytes(SequenceModel model, TrainSpec spec, SplitSources data, int workers) {
    long shards = (spec.shards() + workers - 1) / workers;
    long gradients = 64 - Long.numberOfLeadingZeros(shards);
    long tokens =
        data.train().tokens() + TextSplits.tokens(data.valid()) + TextSplits.tokens(data.test());
    long runner = new ModelRunner(model, spec.window(), rows(spec, data)).bytes();
    return runner
        + Float.BYTES * (1 + gradients) * model.layout().size()
        + Integer.BYTES * tokens / spec.shards() * shards;
  }

  private static int rows(TrainSpec spec, SplitSources data) {
    StreamPlan train = spec.plan(Split.TRAIN, data.train().tokens());
    StreamPlan valid = spec.plan(Split.VALID, TextSplits.tokens(data.valid()));
    return Math.max(train.maxRows(), valid.maxRows());
  }
}
