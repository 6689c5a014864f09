// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.Arrays;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.math.RandomBits;

/**
 * A sampling says how the next token is chosen among the model's probabilities, in this order:
 * divide the logits by the temperature, keep the {@code topK} most probable tokens, keep the fewest
 * of the most probable that reach {@code topP} of what is left (Holtzman et al. 2020), draw among
 * them. Of equally probable tokens the one with the lowest id comes first.
 *
 * @param temperature 1 for the model's own probabilities, less to favour the probable; 0 always
 *     takes the most probable
 * @param topK how many tokens to keep, 0 for all
 * @param topP which part of the probability to keep, in (0, 1]; 1 for all
 * @param seed of the draws: the same seed, model and prompt give the same text
 */
public record Sampling(double temperature, int topK, double topP, long seed)
    implements Serializable {

  public Sampling {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "temperature must be 0 or a positive number but was " + temperature);
    }
    Checks.notNegative("top-k", topK);
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p must be in (0, 1] but was " + topP);
    }
  }

  /** Refuses the logit of the most probable token if it is no number. */
  static void requireLogit(float logit, int token, long position) {
    if (!Float.isFinite(logit)) {
      throw new IllegalStateException(
          ("the logit of token %s at position %s is %s: the model's parameters are damaged or its training has"
                  + " diverged")
              .formatted(token, position, logit));
    }
  }

  /**
   * A sampler draws tokens from logits. Probabilities are made in double with {@link StrictMath},
   * so that equal logits give the same token on every machine. Not for use by two threads at a
   * time.
   */
  static final class Sampler {
    private final Sampling sampling;
    private final long key;

    /**
     * The tokens that may be drawn and their weights: {@code [V]}, the first {@link #kept} count.
     */
    private final int[] candidates;

    private final double[] weights;
    private final long[] ranks;
    private int kept;
    private double total;

    Sampler(Sampling sampling, int vocabulary) {
      this.sampling = sampling;
      this.key = RandomBits.key(sampling.seed());
      this.candidates = new int[vocabulary];
      this.weights = new double[vocabulary];
      this.ranks = new long[vocabulary];
    }

    /**
     * Returns the token at a position of the text.
     *
     * @param logits {@code [V]}, not changed
     * @param position counts the draws: it decides the random number
     * @throws IllegalStateException if the logits are no distribution
     */
    int next(float[] logits, long position) {
      int best = mostProbable(logits, position);
      if (sampling.temperature() == 0) {
        return best;
      }
      keepTopK(logits);
      weigh(logits, logits[best]);
      keepTopP();
      return draw(RandomBits.uniformDouble(key, position));
    }

    private int mostProbable(float[] logits, long position) {
      int best = 0;
      for (int id = 0; id < candidates.length; id++) {
        if (Float.isNaN(logits[id])) {
          best = id;
          break;
        }
        if (logits[id] > logits[best]) {
          best = id;
        }
      }
      requireLogit(logits[best], best, position);
      return best;
    }

    private void keepTopK(float[] logits) {
      kept = candidates.length;
      if (sampling.topK() == 0 && sampling.topP() == 1) {
        Arrays.setAll(candidates, id -> id);
        return;
      }
      for (int id = 0; id < kept; id++) {
        ranks[id] = (long) ~ascending(logits[id]) << 32 | id;
      }
      Arrays.sort(ranks);
      for (int i = 0; i < kept; i++) {
        candidates[i] = (int) ranks[i];
      }
      if (sampling.topK() > 0) {
        kept = Math.min(kept, sampling.topK());
      }
    }

    /** Returns an int that is ordered as the float is, with both zeros equal. */
    private static int ascending(float x) {
      int bits = Float.floatToIntBits(x + 0f);
      return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }

    private void weigh(float[] logits, double max) {
      total = 0;
      for (int i = 0; i < kept; i++) {
        weights[i] = StrictMath.exp((logits[candidates[i]] - max) / sampling.temperature());
        total += weights[i];
      }
    }

    private void keepTopP() {
      if (sampling.topP() == 1) {
        return;
      }
      double enough = sampling.topP() * total;
      int count = 0;
      total = 0;
      while (count < kept && total < enough) {
        total += weights[count++];
      }
      kept = count;
    }

    private int draw(double uniform) {
      double threshold = uniform * total;
      double sum = 0;
      int last = 0;
      for (int i = 0; i < kept && sum <= threshold; i++) {
        sum += weights[i];
        if (weights[i] > 0) {
          last = i;
        }
      }
      return candidates[last];
    }
  }
}
