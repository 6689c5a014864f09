// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Prediction.Written;

/**
 * A beam search has a decoder write about several sequences at once: of each it follows the most
 * probable hypotheses side by side, and tells those with the best scores that came to an end. What
 * it finds of a sequence does not depend on the others. Greedy search is a beam of one; sampling
 * draws the token of one hypothesis instead.
 *
 * <p>Of equally probable continuations those of the better hypothesis come first, then those with
 * the lower token id.
 */
final class BeamSearch {
  /**
   * The least that a step's weight of attention counts in the coverage, so that all have a score.
   */
  private static final double LEAST_COVERAGE = 1e-30;

  private final Decoder decoder;
  private final Head head;
  private final int vocabulary;
  private final int end;
  private final Search search;
  private final Sampling.Sampler sampler;

  /** Of each sequence, what it is followed by at the step at work, and what came to an end. */
  private final List<List<Hypothesis>> live = new ArrayList<>();

  private final List<List<Written>> done = new ArrayList<>();

  /** The logarithms of the probabilities of what follows {@code [R, V]}. */
  private float[] scores = new float[0];

  /**
   * A hypothesis is a sequence that begins as one before it does.
   *
   * @param before what it goes on from; null of the empty one
   * @param token the last one
   * @param length how many tokens there are
   * @param logProbability of all of them
   * @param weights of attention with which the last was chosen
   */
  private record Hypothesis(
      Hypothesis before, int token, int length, double logProbability, float[] weights) {}

  /** A candidate is a hypothesis, by its number at this step, with a token behind it. */
  private record Candidate(int hypothesis, int token, double logProbability) {
    private static final Comparator<Candidate> BEST_FIRST =
        Comparator.comparingDouble((Candidate c) -> -c.logProbability)
            .thenComparingInt(Candidate::hypothesis)
            .thenComparingInt(Candidate::token);
  }

  BeamSearch(Decoder decoder, Head head, DecoderSpec spec, Search search) {
    this.decoder = decoder;
    this.head = head;
    this.search = search;
    vocabulary = spec.vocabulary();
    end = spec.end();
    sampler =
        search.sampling() == null ? null : new Sampling.Sampler(search.sampling(), vocabulary);
  }

  /**
   * Writes about the sequences that are attached to the decoder.
   *
   * @param draws a number of each sequence, from which its random numbers are made
   * @return of each sequence the best that was written, the best first
   */
  List<List<Written>> run(long[] draws) {
    int rows = draws.length;
    int size = decoder.rowSize();
    float[] carried = new float[rows * size];
    decoder.start(rows, carried);
    for (int row = 0; row < rows; row++) {
      live.add(List.of(new Hypothesis(null, end, 0, 0, null)));
      done.add(new ArrayList<>());
    }
    for (int t = 0; live.stream().anyMatch(some -> !some.isEmpty()); t++) {
      carried = step(t, carried, draws);
    }
    Comparator<Written> bestFirst = Comparator.comparingDouble(w -> -w.score());
    return done.stream()
        .map(some -> some.stream().sorted(bestFirst).limit(search.best()).toList())
        .toList();
  }

  /** Moves all hypotheses on by a token; returns what those that go on carry. */
  private float[] step(int t, float[] carried, long[] draws) {
    List<Hypothesis> all = live.stream().flatMap(List::stream).toList();
    int n = all.size();
    int[] last = all.stream().mapToInt(Hypothesis::token).toArray();
    int[] of = new int[n];
    int number = 0;
    for (int row = 0; row < live.size(); row++) {
      Arrays.fill(of, number, number += live.get(row).size(), row);
    }
    decoder.step(last, of, n, carried);
    int size = Math.multiplyExact(n, vocabulary);
    scores = scores.length < size ? new float[size] : scores;
    head.logProbabilities(decoder.output(), decoder.outputOffset(), n, scores);
    List<Integer> parents = new ArrayList<>();
    for (int row = 0, first = 0; row < live.size(); row++) {
      List<Hypothesis> own = live.get(row);
      List<Hypothesis> next = new ArrayList<>();
      if (!own.isEmpty()) {
        choose(row, t, candidates(own, first, t, draws[row]), first, next, parents);
      }
      first += own.size();
      live.set(row, next);
    }
    int carries = decoder.rowSize();
    float[] moved = new float[parents.size() * carries];
    for (int i = 0; i < parents.size(); i++) {
      System.arraycopy(carried, parents.get(i) * carries, moved, i * carries, carries);
    }
    return moved;
  }

  /** Returns what may come behind the hypotheses of a sequence, the most probable first. */
  private List<Candidate> candidates(List<Hypothesis> own, int first, int t, long draw) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      int at = (first + i) * vocabulary;
      if (t < search.minLength()) {
        scores[at + end] = Float.NEGATIVE_INFINITY;
      }
      double before = own.get(i).logProbability();
      int[] tokens =
          sampler == null
              ? mostProbable(at, Math.min(vocabulary, 2 * search.beam()), t)
              : new int[] {
                sampler.next(
                    Arrays.copyOfRange(scores, at, at + vocabulary), RandomBits.key(draw, t))
              };
      for (int token : tokens) {
        candidates.add(new Candidate(i, token, before + scores[at + token]));
      }
    }
    candidates.sort(Candidate.BEST_FIRST);
    return candidates;
  }

  /** Returns the ids of the largest scores, the largest first, and of equal ones the lower id. */
  private int[] mostProbable(int at, int most, int t) {
    int[] best = new int[most];
    int count = 0;
    for (int id = 0; id < vocabulary; id++) {
      float score = scores[at + id];
      if (count < most || score > scores[at + best[count - 1]]) {
        int place = count < most ? count++ : count - 1;
        while (place > 0 && score > scores[at + best[place - 1]]) {
          best[place] = best[place - 1];
          place--;
        }
        best[place] = id;
      }
    }
    Sampling.requireLogit(scores[at + best[0]], best[0], t);
    return best;
  }

  /** Ends hypotheses of a sequence, or takes them on into the next step. */
  private void choose(
      int row,
      int t,
      List<Candidate> candidates,
      int first,
      List<Hypothesis> next,
      List<Integer> parents) {
    List<Hypothesis> own = live.get(row);
    List<Written> ended = done.get(row);
    boolean full = t == search.maxLength();
    List<Integer> kept = new ArrayList<>();
    Set<Integer> atEnd = new HashSet<>();
    int beam = search.beam();
    for (int rank = 0; rank < candidates.size() && next.size() < beam; rank++) {
      Candidate candidate = candidates.get(rank);
      if (candidate.logProbability() == Double.NEGATIVE_INFINITY) {
        break;
      }
      int i = candidate.hypothesis();
      float[] weights = decoder.weights(first + i);
      Hypothesis more =
          new Hypothesis(own.get(i), candidate.token(), t + 1, candidate.logProbability(), weights);
      if (candidate.token() != end) {
        next.add(more);
        kept.add(first + i);
      } else if (rank < beam) {
        ended.add(written(more, true));
        atEnd.add(i);
      }
    }
    for (int i = 0; full && i < own.size() && ended.size() < beam; i++) {
      if (!atEnd.contains(i)) {
        ended.add(written(own.get(i), false));
      }
    }
    if (full || ended.size() >= beam) {
      next.clear();
    } else {
      parents.addAll(kept);
    }
  }

  private Written written(Hypothesis last, boolean isEnded) {
    int length = last.length();
    int[] tokens = new int[isEnded ? length - 1 : length];
    float[][] attention = new float[length][];
    Hypothesis at = last;
    for (int t = length - 1; t >= 0; t--, at = at.before()) {
      attention[t] = at.weights();
      if (t < tokens.length) {
        tokens[t] = at.token();
      }
    }
    boolean attends = length > 0 && attention[0].length > 0;
    double score =
        last.logProbability() / StrictMath.pow((5.0 + length) / 6, search.length())
            + (attends ? search.coverage() * coverage(attention) : 0);
    return new Written(
        tokens, last.logProbability(), score, isEnded, attends ? attention : new float[0][]);
  }

  /** Returns the sum of the logarithms of how much each output was looked at, 1 at most. */
  private static double coverage(float[][] attention) {
    double sum = 0;
    for (int s = 0; s < attention[0].length; s++) {
      double looked = 0;
      for (float[] weights : attention) {
        looked += weights[s];
      }
      sum += StrictMath.log(Math.min(Math.max(looked, LEAST_COVERAGE), 1));
    }
    return sum;
  }
}
