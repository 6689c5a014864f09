// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.train.Wire;

/**
 * The specification of word vectors learnt by skip-gram with negative sampling (Mikolov et al.
 * 2013, "Distributed Representations of Words and Phrases and their Compositionality"). Together
 * with the text it defines the vectors to the bit.
 *
 * @param size D, the width of a vector
 * @param window the farthest a context word may be; nearer ones count more
 * @param negative K, noise words that a context word is set against
 * @param subsample frequency from which on words are left out at random, 0 to keep all
 * @param epochs passes over the text
 * @param batch words of text in a round, over all shards together
 * @param lr the learning rate of the first round; it falls linearly
 * @param shards S, fixed slices of the text
 * @param seed of everything random
 * @param wire how gradients and vectors travel
 */
public record SkipGramSpec(
    int size,
    int window,
    int negative,
    double subsample,
    int epochs,
    int batch,
    double lr,
    int shards,
    long seed,
    Wire wire)
    implements Serializable {
  /** The share of the first rate that is left at the end, as in word2vec. */
  private static final double LAST_RATE = 1e-4;

  public SkipGramSpec {
    Checks.positive("embedding", size);
    Checks.positive("window", window);
    Checks.positive("negative", negative);
    Checks.positive("epochs", epochs);
    Checks.positive("batch", batch);
    Checks.positive("lr", lr);
    Checks.positive("shards", shards);
    Checks.present("wire", wire);
    if (!(subsample >= 0 && subsample <= 1)) {
      throw new IllegalArgumentException("subsample must be in [0, 1] but was " + subsample);
    }
  }

  /** Returns the rounds of an epoch over a text of so many tokens. */
  public int windows(long tokens) {
    return Math.toIntExact(Math.max(1, (tokens + batch - 1) / batch));
  }

  /** Returns the learning rate of a round: it falls linearly to nearly nothing. */
  double rate(long step, long steps) {
    return lr * Math.max(LAST_RATE, 1 - step / (double) steps);
  }

  /** Returns the first token of a shard of a text; its end is the first of the next. */
  public long firstToken(int shard, long tokens) {
    return tokens / shards * shard + tokens % shards * shard / shards;
  }
}
