// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.head;

import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.nn.Gradient;

/** What scores mean: their loss, and what they say of a sequence. Not for two callers at a time. */
public sealed interface Criterion permits SoftmaxLoss, SquaredLoss, CrfLoss, CtcLoss {

  /** Takes the parameters as they are now; to be called whenever they changed. */
  void load(float[] params);

  /**
   * The loss of a batch.
   *
   * @param scores of sequences {@code [B, C]} or of steps {@code [N, C]}, replaced by the gradient
   *     of the summed loss
   * @param into what the gradient of its own parameters is added to
   */
  Loss train(float[] scores, SequenceBatch batch, Gradient into);

  /** The loss of a batch alone; the scores are left as they are. */
  Loss evaluate(float[] scores, SequenceBatch batch);

  /**
   * What the scores say of the sequence in a row.
   *
   * @param beam how many prefixes of labels are followed where labels are not aligned; 1 for the
   *     best label of every step
   */
  Prediction predict(float[] scores, SequenceBatch batch, int row, int beam);
}
