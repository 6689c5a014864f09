// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;

/**
 * A criterion tells what scores mean: their loss, and what they say of a sequence. Not for two
 * callers at a time.
 */
sealed interface Criterion permits SoftmaxLoss, SquaredLoss, RowLoss {

  /** Prepares to score so many sequences with so many steps in all. */
  static Criterion of(HeadSpec head, ParamLayout layout, int positions, int rows, Team team) {
    if (head instanceof HeadSpec.Softmax softmax) {
      return new SoftmaxLoss(softmax, softmax.target() == Target.STEP ? positions : rows, team);
    }
    if (head instanceof HeadSpec.Regression regression) {
      return new SquaredLoss(regression.values(), regression.target());
    }
    if (head instanceof HeadSpec.LinearCrf crf) {
      return new CrfLoss(layout, crf.labels(), positions, rows, team);
    }
    if (head instanceof HeadSpec.Alignment alignment) {
      return new CtcLoss(alignment.scores(), rows, team);
    }
    throw new IllegalArgumentException("no criterion is made of the scores of " + head);
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  default void load(float[] params) {}

  /**
   * The loss of a batch.
   *
   * @param scores of sequences {@code [B, C]} or of steps {@code [N, C]}; in training they are
   *     replaced by the gradient of the summed loss
   */
  Loss loss(float[] scores, Batch batch, boolean training);

  /** The loss in training; the gradient of the criterion's own parameters is added to one. */
  default Loss train(float[] scores, Batch batch, Gradient into) {
    return loss(scores, batch, true);
  }

  /**
   * What the scores say of the sequence in a row.
   *
   * @param beam how many prefixes of labels are followed where labels are not aligned; 1 for the
   *     best label of every step
   */
  Prediction predict(float[] scores, Batch batch, int row, int beam);
}
