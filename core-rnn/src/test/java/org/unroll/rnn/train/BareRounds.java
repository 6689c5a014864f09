// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.network.Loss;

/** Rounds of which a test has only the gradients: nothing held out, no state, nothing measured. */
public abstract class BareRounds implements Rounds {
  @Override
  public Evaluation evaluate(Split split, float[] params) {
    return Evaluation.NONE;
  }

  @Override
  public RoundTimes times() {
    return RoundTimes.NONE;
  }

  @Override
  public Map<ShardTree.Node, Loss> losses() {
    return Map.of();
  }

  @Override
  public List<float[]> states() {
    return List.of();
  }

  @Override
  public void restore(List<float[]> states) {}

  @Override
  public void close() {}
}
