// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.math.Checks;

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
    double weightDecay)
    implements Serializable {
  /** The update rules; {@link Optimizer} has their equations. */
  public enum Kind {
    SGD,
    MOMENTUM("velocity"),
    RMSPROP(Optimizer.SQUARES),
    ADAGRAD(Optimizer.SQUARES),
    ADAM("first", Optimizer.SECOND),
    ADAMW("first", Optimizer.SECOND);

    private final List<String> moments;

    Kind(String... moments) {
      this.moments = List.of(moments);
    }

    /** Returns the names of the moments that the rule keeps, each as long as the parameters. */
    public List<String> moments() {
      return moments;
    }
  }

  public OptimizerSpec {
    Checks.present("optimizer", kind);
    Checks.positive("lr", lr);
    Checks.fraction("momentum", momentum);
    Checks.fraction("alpha", alpha);
    Checks.fraction("beta1", beta1);
    Checks.fraction("beta2", beta2);
    Checks.positive("epsilon", epsilon);
    Checks.notNegative("weight-decay", weightDecay);
    if (nesterov && kind != Kind.MOMENTUM) {
      throw new IllegalArgumentException("nesterov needs optimizer momentum but it is " + kind);
    }
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("nesterov needs a momentum above 0 but it is 0");
    }
  }

  /** Returns a rule with PyTorch's default constants. */
  public static OptimizerSpec of(Kind kind, double lr) {
    double epsilon = kind == Kind.ADAGRAD ? 1e-10 : 1e-8;
    return new OptimizerSpec(kind, lr, 0.9, false, 0.99, 0.9, 0.999, epsilon, 0.01);
  }
}
