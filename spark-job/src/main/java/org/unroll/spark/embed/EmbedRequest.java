// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.List;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.spark.rounds.RoundsKind;

/**
 * Word vectors to be learnt.
 *
 * @param inputs files, directories or globs of the text, or a prepared corpus
 * @param vocabularySize most words, 0 for no limit; null if nothing was said
 * @param minCount least occurrences of a word; null if nothing was said
 * @param method by which
 * @param spec how; MLlib takes of it the size, the window, the epochs, the rate and the seed
 * @param rounds where the shards live
 * @param workers Spark tasks, which MLlib calls partitions; 0 for as many as can work
 */
public record EmbedRequest(
    List<String> inputs,
    Integer vocabularySize,
    Long minCount,
    Method method,
    SkipGramSpec spec,
    RoundsKind rounds,
    int workers) {

  /** The methods of learning word vectors. */
  public enum Method {
    /** Skip-gram with negative sampling in synchronous rounds, on our kernels. */
    SKIPGRAM(0.035),
    /** Word2Vec of Spark MLlib: skip-gram with hierarchical softmax. */
    MLLIB(0.025);

    private final double lr;

    Method(double lr) {
      this.lr = lr;
    }

    /** Returns the learning rate that is used where none is asked for. */
    public double usualRate() {
      return lr;
    }
  }
}
