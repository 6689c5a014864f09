// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.TokenSource;

/** What a worker needs, known before it starts. */
final class WorkerMemory {
  private WorkerMemory() {}

  /**
   * Bytes of the model's buffers, of its parameters, of the shards' gradients on their way up the
   * tree, and of the shards' tokens, or of as many of them as it holds at a time.
   */
  static long bytes(SequenceModel model, TrainSpec spec, TokenSource.Splits data, int workers) {
    int shards = (spec.shards() + workers - 1) / workers;
    long gradients = 64 - Long.numberOfLeadingZeros(shards);
    long runner = new ModelRunner(model, spec.window(), rows(spec, data)).bytes();
    return runner
        + Float.BYTES * (1 + gradients) * model.layout().size()
        + new ModelWork(model.spec(), spec, data).dataBytes(shards);
  }

  private static int rows(TrainSpec spec, TokenSource.Splits data) {
    StreamPlan train = spec.plan(Split.TRAIN, data.train().tokens());
    StreamPlan valid = spec.plan(Split.VALID, TextSplits.tokens(data.valid()));
    return Math.max(train.maxRows(), valid.maxRows());
  }
}
