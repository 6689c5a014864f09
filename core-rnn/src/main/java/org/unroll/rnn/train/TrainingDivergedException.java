// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** The numbers of a training became infinite or NaN; the message says where and what to try. */
public final class TrainingDivergedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  TrainingDivergedException(
      Window window, int windows, double loss, double gradientNorm, double lr) {
    super(
        "training diverged at step "
            + (window.step() + 1)
            + " (epoch "
            + (window.epoch() + 1)
            + ", window "
            + (window.index() + 1)
            + " of "
            + windows
            + "): loss "
            + loss
            + ", gradient norm "
            + gradientNorm
            + ", learning rate "
            + lr
            + "; a smaller learning rate or a smaller limit of the gradient norm may help");
  }

  TrainingDivergedException(int epoch, double validLoss, double lr) {
    super(
        "training diverged: the validation loss after epoch "
            + epoch
            + " is "
            + validLoss
            + " (learning rate "
            + lr
            + "); a smaller learning rate or a smaller limit of the gradient norm may help");
  }
}
