// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.SkipGramModel;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.rounds.ShardWork;

/**
 * Learning word vectors by skip-gram.
 *
 * @param source the tokens of the text
 * @param wordOfToken see {@link EmbedText#wordOfToken}
 * @param counts of each word
 */
record SkipGramWork(SkipGramSpec spec, TokenSource source, int[] wordOfToken, long[] counts)
    implements ShardWork {

  static SkipGramWork of(EmbedText text, SkipGramSpec spec) {
    long[] counts = text.words().entries().stream().mapToLong(Vocabulary.Entry::count).toArray();
    return new SkipGramWork(spec, text.source(), text.wordOfToken(), counts);
  }

  SkipGramModel model() {
    return new SkipGramModel(counts.length, spec.size());
  }

  @Override
  public int shards() {
    return spec.shards();
  }

  @Override
  public int parameters() {
    return model().layout().size();
  }

  @Override
  public Wire wire() {
    return spec.wire();
  }

  @Override
  public int windows() {
    return spec.windows(source.tokens());
  }

  @Override
  public int stateSize(int shard) {
    return 0;
  }

  @Override
  public boolean has(Split split) {
    return false;
  }

  @Override
  public Learner open(int first, int end) {
    return new SkipGramHost(this, first, end);
  }
}
