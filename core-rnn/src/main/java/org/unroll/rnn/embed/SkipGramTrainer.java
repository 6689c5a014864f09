// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.Arrays;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * Learns word vectors in synchronous rounds: all shards compute with the same vectors, their sums
 * are added along one tree, and one update follows. What comes out depends on the text and the
 * specification alone, not on how many workers there are.
 */
public final class SkipGramTrainer {
  /** Of the first rate, what is left at the end; as in word2vec. */
  private static final double LAST_RATE = 1e-4;

  /** With fewer rows for each thread than this, waking it up would take longer than its work. */
  private static final int ROWS_A_THREAD = 1 << 13;

  private final SkipGramModel model;
  private final SkipGramSpec spec;

  /** Follows a training. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A round is over.
     *
     * @param window which
     * @param windows of an epoch
     * @param loss summed over the round's pairs of centre and context
     */
    void round(Window window, int windows, Loss loss);
  }

  /** For a vocabulary of the model. */
  public SkipGramTrainer(SkipGramModel model, SkipGramSpec spec) {
    this.model = model;
    this.spec = spec;
  }

  /**
   * Trains from the start to the end.
   *
   * @return the vectors of the words as centres, {@code [V, D]}
   * @throws IllegalStateException if the numbers have become infinite
   */
  public float[] fit(Rounds rounds, Listener listener) {
    float[] params = model.start(spec.seed());
    RowDescent descent = new RowDescent(spec.size(), new Team(threads()));
    int windows = rounds.windows();
    long length = (long) spec.epochs() * windows;
    for (long step = 0; step < length; step++) {
      Window window = new Window((int) (step / windows), (int) (step % windows), step);
      WeightedSum sum = rounds.gradient(window, params);
      double lr = spec.lr() * Math.max(LAST_RATE, 1 - step / (double) length);
      if (!Double.isFinite(sum.loss().sum())) {
        throw new IllegalStateException(
            "the vectors diverged in round "
                + (window.index() + 1)
                + " of epoch "
                + (window.epoch() + 1)
                + " at the learning rate "
                + lr
                + ": lower --lr");
      }
      descent.apply(params, sum.parts(), lr);
      listener.round(window, windows, sum.loss());
    }
    return Arrays.copyOfRange(params, model.centres().offset(), model.centres().end());
  }

  /** The workers wait meanwhile, so all cores are free for the update. */
  private int threads() {
    int useful = 2 * model.words() / ROWS_A_THREAD;
    return Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), useful));
  }
}
