// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;

/**
 * Forward and backward passes of a reader: the parameters as packed for the kernels, and all
 * buffers, which are allocated anew only when a larger batch comes than any before. Not for use by
 * two callers at a time.
 */
public final class ReaderRunner {
  private final ReaderModel model;
  private final Team team;
  private ReaderPass pass;
  private float[] params;
  private boolean backwardLoaded;

  /**
   * A runner before its first batch.
   *
   * @param team the threads that do the work together, whose number changes no bit of any result
   */
  public ReaderRunner(ReaderModel model, Team team) {
    this.model = model;
    this.team = team;
    pass = empty();
  }

  private ReaderPass empty() {
    return new ReaderPass(model, new ReaderPass.Size(0, 0, 0, 0, 0, 0), team);
  }

  /**
   * Takes the parameters as they are now; to be called before the first pass and whenever they
   * changed.
   */
  public void setParams(float[] params) {
    if (params.length != model.layout().size()) {
      throw new IllegalArgumentException(
          "the model has " + model.layout().size() + " parameters but was given " + params.length);
    }
    this.params = params;
    pass.loadForward(params);
    backwardLoaded = false;
  }

  /**
   * Forward and backward over a batch, with dropout.
   *
   * @param dropoutKey decides the dropout masks; the same key gives the same masks
   * @param gradient the gradient of the summed loss is added to it
   * @return the summed loss over the targets that are known
   */
  public Loss train(SequenceBatch batch, long dropoutKey, Gradient gradient) {
    if (batch.rows() == 0) {
      return Loss.ZERO;
    }
    reserve(batch);
    if (!backwardLoaded) {
      pass.loadBackward(params);
      backwardLoaded = true;
    }
    return pass.train(batch, dropoutKey, gradient);
  }

  /**
   * Forward over a batch of one sequence or more without dropout; {@link #loss}, {@link
   * #prediction}, {@link #outputs} and {@link #vector} tell what came out.
   */
  public void read(SequenceBatch batch) {
    reserve(batch);
    pass.read(batch);
  }

  private void reserve(SequenceBatch batch) {
    if (params == null) {
      throw new IllegalStateException("no parameters were set before the first pass");
    }
    ReaderPass.Size size = ReaderPass.Size.of(batch);
    if (!pass.size.holds(size)) {
      ReaderPass.Size larger = pass.size.grown(size);
      // The old buffers go first, so that there is never room taken for both.
      pass = empty();
      pass = new ReaderPass(model, larger, team);
      pass.loadForward(params);
      backwardLoaded = false;
    }
  }

  /** The summed loss of what was read, over the targets that are known. */
  public Loss loss() {
    return pass.loss();
  }

  /**
   * What the model says of the sequence in a row of the batch that was read.
   *
   * @param beam how many prefixes are followed where labels are not aligned, 1 for the best label
   *     of every step
   */
  public Prediction prediction(int row, int beam) {
    return pass.prediction(row, beam);
  }

  /** The encoder's outputs of a row that was read, {@code [T, W]}: its state after every step. */
  public float[] outputs(int row) {
    return pass.outputs(row);
  }

  /** The pooled vector of a row that was read, {@code [W]}; of models that pool. */
  public float[] vector(int row) {
    return pass.pooled(row);
  }

  /** Bytes of the buffers for the largest batch so far, all that training packs among them. */
  public long bytes() {
    return pass.bytes();
  }
}
