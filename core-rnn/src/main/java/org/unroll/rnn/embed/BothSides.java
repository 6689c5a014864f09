// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.nn.Param;

/**
 * What skip-gram has learnt of a word, as one vector: its vector as centre and its vector as
 * context, each without what the vectors of all words have in common (Mu and Viswanath 2018,
 * "All-but-the-Top") and of length 1, side by side:
 *
 * <pre>
 *   [ u(centre) | u(context) ],    u(v) = (v' - m) / |v' - m|,    v' = v / |v|,    m = mean of all v'
 * </pre>
 *
 * Two words are then as near as the mean of the two cosines says. The two sides err differently, so
 * that together they answer better than either; their sum, which Levy et al. 2015 ("Improving
 * Distributional Similarity") take, also compares the centre of one word with the context of the
 * other, and so finds words that stand beside each other instead of words that stand for each
 * other.
 */
final class BothSides {
  private BothSides() {}

  /** The vectors {@code [V, 2D]} of parameters; a vector of zeros stays one. */
  static float[] of(SkipGramModel model, float[] params) {
    float[] sides = new float[Math.multiplyExact(2, model.centres().size())];
    side(model, model.centres(), params, sides, 0);
    side(model, model.contexts(), params, sides, model.size());
    return sides;
  }

  private static void side(SkipGramModel model, Param from, float[] params, float[] into, int at) {
    int size = model.size();
    double[] mean = new double[size];
    for (int w = 0; w < model.words(); w++) {
      int to = 2 * w * size + at;
      System.arraycopy(params, from.offset() + w * size, into, to, size);
      toLengthOne(into, to, size);
      for (int i = 0; i < size; i++) {
        mean[i] += into[to + i] / (double) model.words();
      }
    }
    for (int w = 0; w < model.words(); w++) {
      int to = 2 * w * size + at;
      boolean learnt = Ops.sumOfSquares(into, to, size) > 0;
      for (int i = 0; i < size && learnt; i++) {
        into[to + i] -= (float) mean[i];
      }
      toLengthOne(into, to, size);
    }
  }

  private static void toLengthOne(float[] vector, int at, int size) {
    double length = Math.sqrt(Ops.sumOfSquares(vector, at, size));
    for (int i = 0; i < size && length > 0; i++) {
      vector[at + i] = (float) (vector[at + i] / length);
    }
  }
}
