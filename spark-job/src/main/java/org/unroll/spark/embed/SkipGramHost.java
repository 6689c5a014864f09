// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.Arrays;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.rnn.embed.SkipGramText;
import org.unroll.rnn.embed.SkipGramWorker;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/** Shards of a text with their words in memory. They carry nothing from round to round. */
final class SkipGramHost implements Learner {
  private static final float[] NO_STATE = {};

  private final SkipGramWork work;
  private final int first;
  private final int windows;
  private final SkipGramText[] texts;
  private final SkipGramWorker worker;

  /**
   * Reads the words of the shards {@code [first, end)}.
   *
   * @throws org.unroll.rnn.io.InputException if the text cannot be read
   */
  SkipGramHost(SkipGramWork work, int first, int end) {
    this.work = work;
    this.first = first;
    SkipGramSpec spec = work.spec();
    windows = work.windows();
    float[] keep = SkipGramText.keepProbabilities(work.counts(), spec.subsample());
    texts = new SkipGramText[end - first];
    for (int s = first; s < end; s++) {
      texts[s - first] = new SkipGramText(s, words(s), spec, keep);
    }
    worker = new SkipGramWorker(work.model(), spec, work.counts());
  }

  private int[] words(int shard) {
    long tokens = work.source().tokens();
    long from = work.spec().firstToken(shard, tokens);
    long to = work.spec().firstToken(shard + 1, tokens);
    int[] wordOfToken = work.wordOfToken();
    return Arrays.stream(work.source().read(from, to))
        .map(token -> wordOfToken[token])
        .filter(word -> word != EmbedText.NONE)
        .toArray();
  }

  @Override
  public void load(float[] params) {
    worker.setParams(params);
  }

  @Override
  public void gradient(int shard, Window window, WeightedSum into) {
    worker.learn(texts[shard - first], window, windows, into);
  }

  @Override
  public Evaluation evaluate(int shard, Split split) {
    return Evaluation.NONE;
  }

  @Override
  public float[] state(int shard) {
    return NO_STATE;
  }

  @Override
  public void restore(int shard, float[] state) {}
}
