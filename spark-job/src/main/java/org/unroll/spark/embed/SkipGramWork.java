// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.SkipGramLearner;
import org.unroll.rnn.embed.SkipGramModel;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.rnn.embed.SkipGramText;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.rounds.ShardWork;

/**
 * The work of learning word vectors by skip-gram, as rounds hand it to workers.
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

  /**
   * Reads the words of the shards {@code [first, end)}.
   *
   * @throws org.unroll.rnn.io.InputException if the text cannot be read
   */
  @Override
  public Learner open(int first, int end) {
    float[] keep = SkipGramText.keepProbabilities(counts, spec.subsample());
    List<SkipGramText> texts = new ArrayList<>();
    for (int s = first; s < end; s++) {
      texts.add(new SkipGramText(s, words(s), spec, keep));
    }
    return new SkipGramLearner(model(), spec, counts, windows(), texts);
  }

  private int[] words(int shard) {
    long tokens = source.tokens();
    long from = spec.firstToken(shard, tokens);
    long to = spec.firstToken(shard + 1, tokens);
    return Arrays.stream(source.read(from, to))
        .map(token -> wordOfToken[token])
        .filter(word -> word != EmbedText.NONE)
        .toArray();
  }
}
