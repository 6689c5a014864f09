// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * Learns word vectors in synchronous rounds: all shards start from the same vectors, learn from
 * their part of the round one block after the other, and by how much they have changed them is
 * added along one tree; see {@link SkipGramLearner} and {@link VectorMerge}. What comes out depends
 * on the text and the specification alone, not on how many workers there are. See {@link
 * SkipGramModel#bothSides} for what is made of them at the end.
 *
 * @param counts of each word of the model in the whole text
 */
public record SkipGramTrainer(SkipGramModel model, SkipGramSpec spec, long[] counts) {
  /** The fewest vectors for a thread: with fewer, waking it up would take longer than its work. */
  private static final int VECTORS_A_THREAD = 1 << 13;

  /** A listener follows a training. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Is called when a round is over.
     *
     * @param window the round
     * @param windows of an epoch
     * @param loss summed over the round's pairs of centre and context
     */
    void round(Window window, int windows, Loss loss);
  }

  /**
   * Trains from the start to the end.
   *
   * @return of every word its vector as centre and as context side by side, {@code [V, 2D]}, each
   *     centred and of length 1
   * @throws IllegalStateException if the numbers have become infinite
   */
  public float[] fit(Rounds rounds, Listener listener) {
    float[] params = model.start(spec.seed());
    VectorMerge merge = new VectorMerge(model, spec, counts, new Team(threads()));
    int windows = rounds.windows();
    long length = (long) spec.epochs() * windows;
    for (long step = 0; step < length; step++) {
      Window window = new Window((int) (step / windows), (int) (step % windows), step);
      WeightedSum sum = rounds.gradient(window, params);
      double lr = spec.rate(step, length);
      if (!Double.isFinite(sum.loss().sum())) {
        throw new IllegalStateException(
            "the vectors diverged in round %s of epoch %s at the learning rate %s: lower --lr"
                .formatted(window.index() + 1, window.epoch() + 1, lr));
      }
      merge.apply(params, sum.parts(), lr);
      listener.round(window, windows, sum.loss());
    }
    return model.bothSides(params);
  }

  /** Returns the threads of an update; the workers wait meanwhile, so all cores are free. */
  private int threads() {
    int useful = 2 * model.words() / VECTORS_A_THREAD;
    return Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), useful));
  }
}
