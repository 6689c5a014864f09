// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.nn.Gradient;

/** What scores mean: their loss, and what they say of a sequence. Not for two callers at a time. */
public sealed interface Criterion permits SoftmaxLoss, SquaredLoss, RowLoss {

  /** Takes the parameters as they are now; to be called whenever they changed. */
  default void load(float[] params) {}

  /**
   * The loss of a batch.
   *
   * @param scores of sequences {@code [B, C]} or of steps {@code [N, C]}; in training they are
   *     replaced by the gradient of the summed loss
   */
  Loss loss(float[] scores, SequenceBatch batch, boolean training);

  /** The loss in training; the gradient of the criterion's own parameters is added to one. */
  default Loss train(float[] scores, SequenceBatch batch, Gradient into) {
    return loss(scores, batch, true);
  }

  /**
   * What the scores say of the sequence in a row.
   *
   * @param beam how many prefixes of labels are followed where labels are not aligned; 1 for the
   *     best label of every step
   */
  Prediction predict(float[] scores, SequenceBatch batch, int row, int beam);
}
