// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnStack.Capacity;

/**
 * A criterion tells what scores mean: their loss, and what they say of a sequence. Not for two
 * callers at a time.
 */
sealed interface Criterion permits Criterion.Squared, ItemLoss {

  /** Prepares to score so many sequences with so many steps in all. */
  static Criterion of(HeadSpec head, ParamLayout layout, Capacity most, Team team) {
    int rows = most.rows();
    if (head instanceof HeadSpec.Softmax softmax) {
      return new SoftmaxLoss(
          softmax, softmax.target() == Target.STEP ? most.positions() : rows, team);
    }
    if (head instanceof HeadSpec.Regression regression) {
      return new Squared(regression.values(), regression.target());
    }
    if (head instanceof HeadSpec.LinearCrf crf) {
      return new CrfLoss(layout, crf.labels(), most, team);
    }
    if (head instanceof HeadSpec.Alignment alignment) {
      return new CtcLoss(alignment.scores(), rows, team);
    }
    throw new IllegalArgumentException("no criterion is made of the scores of " + head);
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  default void load(float[] params) {}

  /**
   * Returns the loss of a batch.
   *
   * @param scores of sequences {@code [B, C]} or of steps {@code [N, C]}; in training they are
   *     replaced by the gradient of the summed loss
   */
  Loss loss(float[] scores, Batch batch, boolean training);

  /** Returns the loss in training, and adds the gradients of the criterion's own parameters. */
  default Loss train(float[] scores, Batch batch, Gradient into) {
    return loss(scores, batch, true);
  }

  /**
   * Returns what the scores say of the sequence in a row.
   *
   * @param beam how many prefixes of labels are followed where labels are not aligned; 1 for the
   *     best label of every step
   */
  Prediction predict(float[] scores, Batch batch, int row, int beam);

  /**
   * The squared error is the sum of {@code (y - target)^2}, of as many weights, with the gradient
   * {@code 2 (y - target)}; targets that are NaN do not count.
   */
  final class Squared implements Criterion {
    private final int width;
    private final boolean ofSteps;

    private Squared(int values, Target target) {
      width = values;
      ofSteps = target == Target.STEP;
    }

    @Override
    public Loss loss(float[] scores, Batch batch, boolean training) {
      float[] targets = batch.values();
      int n = (ofSteps ? batch.packing().positions() : batch.rows()) * width;
      double loss = 0;
      int count = 0;
      for (int i = 0; i < n; i++) {
        double error = (double) scores[i] - targets[i];
        boolean known = !Float.isNaN(targets[i]);
        if (known) {
          loss += error * error;
          count++;
        }
        if (training) {
          scores[i] = known ? (float) (2 * error) : 0;
        }
      }
      return new Loss(loss, count);
    }

    @Override
    public Prediction predict(float[] scores, Batch batch, int row, int beam) {
      int count = ofSteps ? batch.packing().length(row) : 1;
      float[] values = new float[count * width];
      for (int t = 0; t < count; t++) {
        int at = ofSteps ? batch.packing().at(t) + row : row;
        System.arraycopy(scores, at * width, values, t * width, width);
      }
      return Prediction.ofValues(values);
    }
  }
}
