// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowsInput;

/**
 * Word vectors to be learnt.
 *
 * @param input files of the text, or a prepared corpus
 * @param columns name the column of text where the files are tables
 * @param vocabularySize most words, 0 for no limit; null if nothing was said
 * @param minCount least occurrences of a word; null if nothing was said
 * @param method by which
 * @param spec how; MLlib takes of it the size, the window, the epochs, the rate and the seed
 * @param rounds where the shards live
 * @param workers Spark tasks, which MLlib calls partitions; 0 for as many as can work
 */
public record EmbedRequest(
    RowsInput input,
    ColumnChoice columns,
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
