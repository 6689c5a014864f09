// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.Arrays;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.train.RandomUse;
import org.unroll.rnn.train.Window;

/**
 * The text of a shard in memory, and the words of it that a round keeps. Words are numbered by the
 * vocabulary of the vectors; what has no vector is left out, and contexts do not cross the border
 * of a sentence.
 */
public final class SkipGramText {
  /** The number that stands for the border between two sentences. */
  public static final int BORDER = -1;

  private final int shard;
  private final int[] words;
  private final SkipGramSpec spec;
  private final float[] keep;

  // The words that the last round kept, and the sentence of each.
  private int[] kept = {};
  private int[] sentences = {};
  private int count;

  /**
   * Makes the text of a shard.
   *
   * @param words numbers and {@link #BORDER}s
   * @param keep of {@link #keepProbabilities}
   */
  public SkipGramText(int shard, int[] words, SkipGramSpec spec, float[] keep) {
    this.shard = shard;
    this.words = words;
    this.spec = spec;
    this.keep = keep;
  }

  /**
   * Returns the probabilities with which words are kept: {@code (sqrt(f/t) + 1) t/f} for a word of
   * frequency f, as word2vec does.
   *
   * @param t the frequency from which on they are left out; 0 to keep all
   */
  public static float[] keepProbabilities(long[] counts, double t) {
    float[] keep = new float[counts.length];
    double total = Arrays.stream(counts).sum();
    for (int i = 0; i < counts.length; i++) {
      double ratio = counts[i] / total / t;
      keep[i] = t == 0 || counts[i] == 0 ? 1 : (float) ((Math.sqrt(ratio) + 1) / ratio);
    }
    return keep;
  }

  /**
   * Chooses the words of a round.
   *
   * @param windows of an epoch
   */
  void fill(Window window, int windows) {
    int from = position(window.index(), windows);
    int to = position(window.index() + 1, windows);
    if (kept.length < to - from) {
      kept = new int[to - from];
      sentences = new int[to - from];
    }
    long key = RandomUse.SUBSAMPLE.key(spec.seed(), window.step(), shard);
    int sentence = 0;
    count = 0;
    for (int i = from; i < to; i++) {
      int word = words[i];
      if (word == BORDER) {
        sentence++;
        continue;
      }
      if (keep[word] >= 1 || RandomBits.uniform(key, i) < keep[word]) {
        kept[count] = word;
        sentences[count++] = sentence;
      }
    }
  }

  private int position(int window, int windows) {
    return (int) ((long) words.length * window / windows);
  }

  int shard() {
    return shard;
  }

  /** Returns how many words the round kept. */
  int count() {
    return count;
  }

  /** Returns the numbers of the words that the round kept, of which {@link #count} count. */
  int[] kept() {
    return kept;
  }

  boolean sameSentence(int i, int j) {
    return sentences[i] == sentences[j];
  }
}
