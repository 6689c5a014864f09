// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;

/**
 * The start of the parameters. A learned initial state starts at 0 in every scheme.
 *
 * @param kind the scheme
 * @param range UNIFORM: every weight and bias is uniform in [-range, range]
 * @param orthogonalRecurrent whether each gate's recurrent matrix is orthogonal (Saxe et al. 2014)
 * @param forgetBias LSTM: what is added to the forget gate's input bias (Jozefowicz et al. 2015), 0
 *     for nothing
 */
public record InitSpec(Kind kind, double range, boolean orthogonalRecurrent, double forgetBias)
    implements Serializable {
  /** The schemes. */
  public enum Kind {
    /**
     * PyTorch's own: N(0,1) embedding, everything else uniform in ±1/sqrt(hidden). A tied embedding
     * is the output matrix as well and starts like one: with N(0,1) the first logits would be too
     * large.
     */
    PYTORCH,
    /** Uniform numbers in ±range, biases too (Zaremba et al. 2014). */
    UNIFORM,
    /**
     * Uniform numbers in ±sqrt(6 / (fan in + fan out)), gate by gate, biases 0 (Glorot and Bengio
     * 2010).
     */
    XAVIER
  }

  public InitSpec {
    Checks.present("init", kind);
    Checks.positive("init-range", range);
    if (!Double.isFinite(forgetBias)) {
      throw new IllegalArgumentException("forget-bias must be finite but was " + forgetBias);
    }
  }

  /** The specification of PyTorch's defaults. */
  public static final InitSpec PYTORCH = new InitSpec(Kind.PYTORCH, 0.1, false, 0);
}
