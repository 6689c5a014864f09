// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * An optimiser and its constants, with PyTorch's meanings and defaults.
 *
 * @param kind the rule
 * @param lr the learning rate before any schedule
 * @param momentum MOMENTUM: the decay of the velocity
 * @param nesterov MOMENTUM: look ahead (Sutskever et al. 2013)
 * @param alpha RMSPROP: the decay of the squared average
 * @param beta1 ADAM, ADAMW: decay of the first moment
 * @param beta2 ADAM, ADAMW: decay of the second moment
 * @param epsilon added to the root in the adaptive rules
 * @param weightDecay ADAMW: decoupled decay (Loshchilov and Hutter 2019)
 */
public record OptimizerSpec(
    Kind kind,
    double lr,
    double momentum,
    boolean nesterov,
    double alpha,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay) {
  /** The update rules. */
  public enum Kind {
    SGD,
    MOMENTUM,
    RMSPROP,
    ADAGRAD,
    ADAM,
    ADAMW
  }

  /** The rule with PyTorch's default constants. */
  public static OptimizerSpec of(Kind kind, double lr) {
    double epsilon = kind == Kind.ADAGRAD ? 1e-10 : 1e-8;
    return new OptimizerSpec(kind, lr, 0.9, false, 0.99, 0.9, 0.999, epsilon, 0.01);
  }
}
