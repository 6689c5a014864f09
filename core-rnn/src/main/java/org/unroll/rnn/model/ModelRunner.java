// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.model;

import org.unroll.rnn.data.Batch;

/**
 * One thread's forward and backward passes of a model: the parameters as packed for the kernels, and all buffers for
 * windows up to a size, allocated once. Not for use by two threads at a time.
 */
public final class ModelRunner {

  /** Prepares for windows of at most {@code maxSteps} x {@code maxRows}. */
  public ModelRunner(SequenceModel model, int maxSteps, int maxRows) {
    throw new UnsupportedOperationException();
  }

  /** Takes parameters (copied and packed); to be called before the first pass and whenever they changed. */
  public void setParams(float[] params) {
    throw new UnsupportedOperationException();
  }

  /** Fills the state of {@code rows} sequences with what comes before the first step: zero, or the learned state. */
  public void initialState(float[] state, int rows) {
    throw new UnsupportedOperationException();
  }

  /**
   * Forward and backward over a window, with dropout.
   *
   * @param state {@code [layers, slots, B, H]}: before the first step, replaced by the one after the last
   * @param fromInitial whether {@code state} is the model's initial state, so that a learned one receives its gradient
   * @param dropoutKey decides the dropout masks; the same key gives the same masks
   * @param gradient the gradient of the summed loss is added to it, in the layout of the parameters
   * @return the summed loss over the targets that are not masked
   */
  public Loss train(
      Batch batch, float[] state, boolean fromInitial, long dropoutKey, float[] gradient) {
    throw new UnsupportedOperationException();
  }

  /** Forward without dropout: the summed loss of a window; the state is replaced by the one after it. */
  public Loss evaluate(Batch batch, float[] state) {
    throw new UnsupportedOperationException();
  }

  /** One step without dropout: the logits {@code [B, V]} after the inputs {@code [B]}; the state is replaced. */
  public void step(int[] inputs, int rows, float[] state, float[] logits) {
    throw new UnsupportedOperationException();
  }

  /** Bytes of this runner's buffers, fixed at construction. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }
}
