// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BatchShape.Target;

/** The sum of {@code (y - target)^2}, of as many weights; targets that are NaN do not count. */
final class SquaredLoss implements Criterion {
  private final int width;
  private final boolean ofSteps;

  SquaredLoss(int values, Target target) {
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
