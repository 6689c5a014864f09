// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Learns byte pairs (Sennrich et al. 2016, algorithm 1): the pair of neighbours that is most
 * frequent over all words becomes a token, again and again; of equally frequent ones the pair whose
 * tokens came first. Counts of pairs are kept up to date, so a step costs what it changes.
 */
public final class BpeLearner {
  /** The least count of a pair: one that occurs once brings nothing. */
  private static final long LEAST_COUNT = 2;

  private final SliceTable tokens = BpeTokenizer.allBytes();
  private final long[] counts;

  // The tokens of the words, each word at its place and shorter from time to time.
  private final int[] parts;
  private final int[] starts;
  private final int[] lengths;

  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

  /** A pair of tokens knows how often it occurs, and in which words it has occurred. */
  private static final class Pair {
    private long count;
    private int[] words = new int[2];
    private int size;

    void add(int word) {
      if (size > 0 && words[size - 1] == word) {
        return;
      }
      if (size == words.length) {
        words = Arrays.copyOf(words, size * 2);
      }
      words[size++] = word;
    }
  }

  /**
   * A candidate is a pair with the count it once had. Counts only fall, so the first one whose
   * count holds is the best.
   */
  private record Candidate(long key, long count) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byCount = Long.compare(other.count, count);
      return byCount != 0 ? byCount : Long.compare(key, other.key);
    }
  }

  private BpeLearner(SliceTable words, long[] counts) {
    this.counts = counts;
    this.parts = new int[words.bytes()];
    this.starts = new int[words.size()];
    this.lengths = new int[words.size()];
    for (int w = 0; w < words.size(); w++) {
      starts[w] = words.start(w);
      lengths[w] = words.start(w + 1) - starts[w];
      for (int i = 0; i < lengths[w]; i++) {
        parts[starts[w] + i] = words.array()[starts[w] + i] & 0xff;
      }
      for (int i = 0; i + 1 < lengths[w]; i++) {
        change(w, i, counts[w]);
      }
    }
    pairs.forEach((key, pair) -> queue.add(new Candidate(key, pair.count)));
  }

  /**
   * Learns from words.
   *
   * @param words each once, none longer than 64 bytes
   * @param counts their occurrences
   * @param size of the vocabulary, at least 256; fewer if no pair occurs twice
   */
  public static BpeTokenizer learn(SliceTable words, long[] counts, int size) {
    if (size < BpeTokenizer.BYTES) {
      throw new IllegalArgumentException(
          "byte pairs need a vocabulary of at least 256 tokens, but " + size + " were asked for");
    }
    BpeLearner learner = new BpeLearner(words, counts);
    boolean more = true;
    while (more && learner.tokens.size() < size) {
      more = learner.joinBest();
    }
    return new BpeTokenizer(learner.tokens);
  }

  private boolean joinBest() {
    Candidate best = queue.poll();
    while (best != null && pairs.get(best.key).count != best.count) {
      long now = pairs.get(best.key).count;
      if (now >= LEAST_COUNT) {
        queue.add(new Candidate(best.key, now));
      }
      best = queue.poll();
    }
    if (best == null || best.count < LEAST_COUNT) {
      return false;
    }
    join((int) (best.key >>> Integer.SIZE), (int) best.key);
    return true;
  }

  private void join(int left, int right) {
    byte[] first = tokens.slice(left);
    byte[] second = tokens.slice(right);
    byte[] token = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, token, first.length, second.length);
    int joint = tokens.add(token, 0, token.length);
    Pair pair = pairs.get(key(left, right));
    Set<Long> changed = new LinkedHashSet<>();
    for (int i = 0; i < pair.size; i++) {
      joinIn(pair.words[i], left, right, joint, changed);
    }
    pair.count = 0;
    pair.words = new int[1];
    pair.size = 0;
    for (long key : changed) {
      long count = pairs.get(key).count;
      if (count >= LEAST_COUNT) {
        queue.add(new Candidate(key, count));
      }
    }
  }

  private void joinIn(int word, int left, int right, int joint, Set<Long> changed) {
    int start = starts[word];
    for (int i = 0; i + 1 < lengths[word]; i++) {
      if (parts[start + i] != left || parts[start + i + 1] != right) {
        continue;
      }
      long count = counts[word];
      for (int place = Math.max(0, i - 1); place <= i + 1 && place + 1 < lengths[word]; place++) {
        change(word, place, -count);
      }
      parts[start + i] = joint;
      System.arraycopy(parts, start + i + 2, parts, start + i + 1, lengths[word] - i - 2);
      lengths[word]--;
      for (int place = Math.max(0, i - 1); place <= i && place + 1 < lengths[word]; place++) {
        changed.add(change(word, place, count));
      }
    }
  }

  /** Counts the pair at a place of a word; returns its key. */
  private long change(int word, int place, long count) {
    int at = starts[word] + place;
    long key = key(parts[at], parts[at + 1]);
    Pair pair = pairs.computeIfAbsent(key, k -> new Pair());
    pair.count += count;
    if (count > 0) {
      pair.add(word);
    }
    return key;
  }

  private static long key(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }
}
