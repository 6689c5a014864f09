// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.Arrays;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;

/**
 * Puts together what S shards have made of the same vectors in a round. Of a rare word one shard at
 * most has moved the vector, or each a little: the changes are added. That of a frequent word has
 * been brought by each shard to where it wanted to have it: there the mean counts, because the sum
 * would overshoot S times. Between the two it depends on how much a shard moves a vector of the
 * word:
 *
 * <pre>
 *   w += f d,    f = 1 / (1 + (S - 1) x / (2 + x)),    x = rate * pairs
 * </pre>
 *
 * with the sum d of the changes and the pairs that a shard is to be expected to have for this word
 * in a round, by the counts of the whole text. For S steps that each go the share {@code 1 -
 * exp(-x)} of the way to where a vector ends up, this is close to the factor by which their sum
 * must be reduced to come to what S such steps one after the other do, {@code (1 - exp(-Sx)) / (S
 * (1 - exp(-x)))}.
 *
 * <p>Only vectors of the round's words are touched. Several threads take vectors of their own, so
 * that their number changes no bit.
 */
final class VectorMerge {
  private final int size;
  private final int shards;
  private final Team team;
  private final Team.Task step = this::step;

  /** The pairs of every vector of the parameters in a shard's part of a round. */
  private final float[] pairs;

  private float[] params;
  private Gradient changes;
  private float rate;

  /**
   * Makes the merging for the vectors of a model.
   *
   * @param counts of each word in the whole text
   * @param team the threads that do the work together
   */
  VectorMerge(SkipGramModel model, SkipGramSpec spec, long[] counts, Team team) {
    this.team = team;
    size = model.size();
    shards = spec.shards();
    pairs = pairs(spec, counts);
  }

  /**
   * Returns the pairs of each word as centre, and as context with the noise, that are to be
   * expected in a shard's part of a round.
   */
  static float[] pairs(SkipGramSpec spec, long[] counts) {
    int words = counts.length;
    float[] keep = SkipGramText.keepProbabilities(counts, spec.subsample());
    double text = Arrays.stream(counts).sum();
    double all = 0;
    double noise = 0;
    float[] pairs = new float[2 * words];
    for (int w = 0; w < words; w++) {
      double kept = counts[w] * (double) Math.min(1, keep[w]);
      // A reach from 1 to the window, to both sides.
      pairs[w] = (float) (kept / text * spec.batch() / spec.shards() * (spec.window() + 1));
      all += pairs[w];
      noise += NoiseTable.weight(counts[w]);
    }
    for (int w = 0; w < words; w++) {
      double drawn = NoiseTable.weight(counts[w]) / noise * spec.negative() * all;
      pairs[words + w] = (float) (pairs[w] + drawn);
    }
    return pairs;
  }

  /** Changes the parameters in place; allocates nothing. */
  void apply(float[] params, Gradient changes, double lr) {
    this.params = params;
    this.changes = changes;
    rate = (float) lr;
    team.run(step);
  }

  private void step(int part, int parts) {
    int end = Team.start(pairs.length, part + 1, parts);
    int vector = Team.start(pairs.length, part, parts);
    while (vector < end) {
      // Who adds to a vector adds to all blocks that hold its elements.
      int block = vector * size / Gradient.BLOCK * Gradient.BLOCK;
      int written = changes.nextWritten(block);
      if (written > block) {
        vector = (int) ((written + (long) size - 1) / size);
        continue;
      }
      int runEnd = changes.endOfWritten(block);
      for (; vector < end && (vector + 1L) * size <= runEnd; vector++) {
        move(vector);
      }
      vector++;
    }
  }

  private void move(int vector) {
    float x = rate * pairs[vector];
    float factor = 1 / (1 + (shards - 1) * x / (2 + x));
    float[] d = changes.values();
    int end = (vector + 1) * size;
    for (int i = vector * size; i < end; i++) {
      params[i] += factor * d[i];
    }
  }
}
