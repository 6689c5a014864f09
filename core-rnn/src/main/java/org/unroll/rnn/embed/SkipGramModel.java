// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.ParamRole;
import org.unroll.rnn.train.RandomUse;

/**
 * The parameters of skip-gram: the vectors of words as centres, which are what is wanted, and those
 * of words as contexts, both {@code [V, D]}.
 */
public final class SkipGramModel {
  /** Name of the wanted vectors. */
  public static final String CENTRES = "embedding.weight";

  private static final String CONTEXTS = "context.weight";

  private final ParamLayout layout;
  private final int words;
  private final int size;

  /** Vectors of {@code size} numbers for each word. */
  public SkipGramModel(int words, int size) {
    this.words = words;
    this.size = size;
    layout =
        new ParamLayout.Builder()
            .add(CENTRES, ParamRole.EMBEDDING, words, size)
            .add(CONTEXTS, ParamRole.OUTPUT_WEIGHT, words, size)
            .build();
  }

  /** Where the vectors are inside the flat vector. */
  public ParamLayout layout() {
    return layout;
  }

  Param centres() {
    return layout.get(CENTRES);
  }

  Param contexts() {
    return layout.get(CONTEXTS);
  }

  int size() {
    return size;
  }

  int words() {
    return words;
  }

  /** Where training starts, as in word2vec: centres uniform in ±1/(2D), contexts 0. */
  public float[] start(long seed) {
    float[] params = new float[layout.size()];
    long key = RandomUse.INIT.key(seed, 0, 0);
    for (int i = 0; i < centres().size(); i++) {
      params[i] = (RandomBits.uniform(key, i) - 0.5f) / size;
    }
    return params;
  }
}
