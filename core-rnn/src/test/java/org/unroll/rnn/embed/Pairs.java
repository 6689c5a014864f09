// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.train.BareRounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * A made-up language and rounds over it in one thread: words 2i and 2i+1 are a pair that stands in
 * the same sentences, {@value #NAMES} pairs in all, each sentence of one pair's words alone.
 */
final class Pairs extends BareRounds {
  static final int NAMES = 20;
  static final int WORDS = 2 * NAMES;
  private static final int SENTENCE = 6;

  private final SkipGramModel model;
  private final SkipGramLearner learner;
  private final ShardTree tree;
  private final int windows;
  private final int shards;

  Pairs(SkipGramSpec spec, int[] words) {
    model = new SkipGramModel(WORDS, spec.size());
    tree = ShardTree.whole(spec.shards(), model.layout().size(), spec.wire());
    shards = spec.shards();
    windows = spec.windows(words.length);
    List<SkipGramText> texts = new ArrayList<>();
    float[] keep = SkipGramText.keepProbabilities(counts(words), spec.subsample());
    for (int s = 0; s < spec.shards(); s++) {
      int from = (int) spec.firstToken(s, words.length);
      int to = (int) spec.firstToken(s + 1, words.length);
      texts.add(new SkipGramText(s, Arrays.copyOfRange(words, from, to), spec, keep));
    }
    learner = new SkipGramLearner(model, spec, counts(words), windows, texts);
  }

  static int[] sentences(int count) {
    int[] words = new int[count * (SENTENCE + 1)];
    for (int s = 0, at = 0; s < count; s++) {
      int name = (int) (RandomBits.uniform(11, s) * NAMES);
      for (int i = 0; i < SENTENCE; i++, at++) {
        words[at] = 2 * name + (RandomBits.uniform(12, at) < 0.5 ? 0 : 1);
      }
      words[at++] = SkipGramText.BORDER;
    }
    return words;
  }

  static long[] counts(int[] words) {
    long[] counts = new long[WORDS];
    for (int word : words) {
      if (word >= 0) {
        counts[word]++;
      }
    }
    return counts;
  }

  @Override
  public int windows() {
    return windows;
  }

  @Override
  public WeightedSum gradient(Window window, float[] params) {
    tree.begin(window.step());
    learner.load(params);
    for (int s = 0; s < shards; s++) {
      WeightedSum sum = tree.take();
      learner.gradient(s, window, sum);
      tree.add(ShardTree.Node.of(s), sum);
    }
    return tree.total();
  }
}
