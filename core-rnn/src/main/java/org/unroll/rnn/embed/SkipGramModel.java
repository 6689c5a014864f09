// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.train.RandomUse;

/**
 * The parameters of skip-gram, the vectors of words as centres and those of words as contexts, both
 * {@code [V, D]}; where they start, and what is made of them at the end.
 *
 * @param words V
 * @param size D, the numbers of a vector
 * @param layout where the vectors are inside the flat vector
 */
public record SkipGramModel(int words, int size, ParamLayout layout) {
  /** The name of the centres' vectors. */
  public static final String CENTRES = "embedding.weight";

  private static final String CONTEXTS = "context.weight";

  /** Makes a model with two vectors of {@code size} numbers for each word. */
  public SkipGramModel(int words, int size) {
    this(
        words,
        size,
        new ParamLayout.Builder()
            .add(CENTRES, Param.Role.EMBEDDING, words, size)
            .add(CONTEXTS, Param.Role.OUTPUT_WEIGHT, words, size)
            .build());
  }

  Param centres() {
    return layout.get(CENTRES);
  }

  Param contexts() {
    return layout.get(CONTEXTS);
  }

  /**
   * Draws the parameters that training starts from, as word2vec: centres in ±1/(2D), contexts 0.
   */
  public float[] start(long seed) {
    float[] params = new float[layout.size()];
    long key = RandomUse.INIT.key(seed, 0, 0);
    for (int i = 0; i < centres().size(); i++) {
      params[i] = (RandomBits.uniform(key, i) - 0.5f) / size;
    }
    return params;
  }

  /**
   * Returns what was learnt of each word, as one vector: its vector as centre and its vector as
   * context, each without what the vectors of all words have in common (Mu and Viswanath 2018,
   * "All-but-the-Top") and of length 1, side by side:
   *
   * <pre>
   *   [ u(centre) | u(context) ],    u(v) = (v' - m) / |v' - m|,    v' = v / |v|,    m = mean of all v'
   * </pre>
   *
   * <p>Two words are then as near as the mean of the two cosines says. The two sides err
   * differently, so that together they answer better than either; their sum, which Levy et al. 2015
   * ("Improving Distributional Similarity") take, also compares the centre of one word with the
   * context of the other, and so finds words that stand beside each other instead of words that
   * stand for each other.
   *
   * @return {@code [V, 2D]}; a vector of zeros stays one
   */
  float[] bothSides(float[] params) {
    float[] sides = new float[Math.multiplyExact(2, centres().size())];
    side(centres(), params, sides, 0);
    side(contexts(), params, sides, size);
    return sides;
  }

  private void side(Param from, float[] params, float[] into, int at) {
    double[] mean = new double[size];
    for (int w = 0; w < words; w++) {
      int to = 2 * w * size + at;
      System.arraycopy(params, from.offset() + w * size, into, to, size);
      toLengthOne(into, to);
      for (int i = 0; i < size; i++) {
        mean[i] += into[to + i] / (double) words;
      }
    }
    for (int w = 0; w < words; w++) {
      int to = 2 * w * size + at;
      boolean learnt = Ops.sumOfSquares(into, to, size) > 0;
      for (int i = 0; i < size && learnt; i++) {
        into[to + i] -= (float) mean[i];
      }
      toLengthOne(into, to);
    }
  }

  private void toLengthOne(float[] vector, int at) {
    double length = Math.sqrt(Ops.sumOfSquares(vector, at, size));
    for (int i = 0; i < size && length > 0; i++) {
      vector[at + i] = (float) (vector[at + i] / length);
    }
  }
}
