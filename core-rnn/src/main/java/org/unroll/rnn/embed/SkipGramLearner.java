// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.RandomUse;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * Computes skip-gram with negative sampling on shards of a text, whose words are in memory. For a
 * centre word with vector v and a context word with vector u, against K noise words n:
 *
 * <pre>
 *   loss = -log s(u v) - sum over n of log s(-n v),    s(x) = 1 / (1 + exp(-x))
 * </pre>
 *
 * <p>A context at distance d counts {@code (W + 1 - d) / W} for the window W: word2vec draws a
 * reach from 1 to W for each centre, of which this is the mean.
 *
 * <p>The words of a round are taken in blocks of B successive centres, which share {@code N = B K}
 * noise words: each counts K/N times for every pair, so that the expected gradient is the same but
 * all of a block is three matrix products (Ji et al. 2016, "Parallelizing Word2Vec in Shared and
 * Distributed Memory"). After each block the shard's own copies of the vectors move against the
 * gradient; the round's parameters stay as they are.
 *
 * <pre>
 *   Y = vectors of [ contexts of the block, in the order of the text | noise ]     [M, D]
 *   X = vectors of the centres                                                      [B, D]
 *   logits = Y X^T [M, B];   G = weights (s(logits) - labels);   dY = G X;   dX = G^T Y
 * </pre>
 *
 * <p>Buffers are allocated once. Shards carry nothing from round to round.
 */
public final class SkipGramLearner implements Learner {
  /** The centres of a block, B. */
  private static final int CENTRES = 16;

  /** The factors whose product is surely no zero, so that one logarithm does for all of them. */
  private static final int FACTORS = 16;

  /** The smallest probability in a loss. */
  private static final double LEAST = 1e-12;

  private final SkipGramModel model;
  private final SkipGramSpec spec;
  private final NoiseTable noise;
  private final int windows;
  private final List<SkipGramText> texts;
  private final int size;
  private final VectorCopies copies;

  /** The noise words of a block, N. */
  private final int noises;

  private final float[] centres;
  private final float[] others;
  private final float[] logits;
  private final float[] centreGradient;
  private final float[] otherGradient;
  private final PackedMatrix packed = new PackedMatrix();
  private final PackedLeft packedGradient = new PackedLeft();

  /** The places in the set of copies of a round's words as centres. */
  private int[] centrePlaces = {};

  /** The places of a round's words as contexts. */
  private int[] contextPlaces = {};

  /** The places of the noise of all blocks. */
  private int[] noisePlaces = {};

  // The first and the last context of each centre, and their weight.
  private final int[] first = new int[CENTRES];
  private final int[] last = new int[CENTRES];
  private final float[] pairs = new float[CENTRES];
  private float[] params;

  /**
   * Makes a learner of successive shards of a text.
   *
   * @param counts of each word in the whole text
   * @param windows of an epoch
   * @param texts of the shards, first to last
   */
  public SkipGramLearner(
      SkipGramModel model,
      SkipGramSpec spec,
      long[] counts,
      int windows,
      List<SkipGramText> texts) {
    this.windows = windows;
    this.texts = List.copyOf(texts);
    this.model = model;
    this.spec = spec;
    noise = new NoiseTable(counts);
    noises = CENTRES * spec.negative();
    size = model.size();
    copies = new VectorCopies(2 * model.words(), size);
    int most = CENTRES + 2 * spec.window() + noises;
    centres = new float[CENTRES * size];
    others = new float[most * size];
    logits = new float[most * CENTRES];
    centreGradient = new float[centres.length];
    otherGradient = new float[others.length];
  }

  @Override
  public void load(float[] params) {
    this.params = params;
  }

  /**
   * Learns from a shard's part of a round, from the parameters on, and adds by how much they
   * change, and the loss with the weight of the pairs.
   */
  @Override
  public void gradient(int shard, Window window, WeightedSum into) {
    SkipGramText text = texts.get(shard - texts.get(0).shard());
    text.fill(window, windows);
    place(text, RandomUse.NOISE.key(spec.seed(), window.step(), text.shard()));
    copies.load(params);
    float rate = (float) spec.rate(window.step(), (long) spec.epochs() * windows);
    for (int from = 0; from < text.count(); from += CENTRES) {
      block(text, from, Math.min(CENTRES, text.count() - from), rate, into);
    }
    copies.addChanges(params, into.parts());
  }

  private void place(SkipGramText text, long noiseKey) {
    int count = text.count();
    int drawn = (count + CENTRES - 1) / CENTRES * noises;
    if (centrePlaces.length < count) {
      centrePlaces = new int[count];
      contextPlaces = new int[count];
      noisePlaces = new int[drawn];
    }
    copies.clear(2 * count + drawn);
    for (int i = 0; i < count; i++) {
      centrePlaces[i] = copies.place(text.kept()[i]);
      contextPlaces[i] = copies.place(model.words() + text.kept()[i]);
    }
    for (int i = 0; i < drawn; i++) {
      noisePlaces[i] = copies.place(model.words() + noise.draw(noiseKey, i));
    }
  }

  private void block(SkipGramText text, int from, int count, float rate, WeightedSum into) {
    int start = Math.max(0, from - spec.window());
    int end = Math.min(text.count(), from + count + spec.window());
    double allPairs = reach(text, from, count, start, end);
    if (allPairs == 0) {
      return;
    }
    int contexts = end - start;
    int others = contexts + noises;
    int noiseFrom = from / CENTRES * noises;
    copies.gather(centrePlaces, from, count, centres, 0);
    copies.gather(contextPlaces, start, contexts, this.others, 0);
    copies.gather(noisePlaces, noiseFrom, noises, this.others, contexts * size);
    packed.packTransposed(centres, 0, size, count, size);
    Ops.gemm(others, this.others, 0, size, packed, logits, 0, count, false);
    Ops.sigmoid(logits, 0, others * count);
    into.add(new Loss(loss(count, from - start, contexts), allPairs));

    packed.pack(centres, 0, size, count, size);
    Ops.gemm(others, logits, 0, count, packed, otherGradient, 0, size, false);
    packedGradient.pack(logits, 0, count, others, count);
    packed.pack(this.others, 0, size, others, size);
    Ops.gemm(packedGradient, packed, centreGradient, 0, size, false);
    copies.add(centrePlaces, from, count, -rate, centreGradient, 0);
    copies.add(contextPlaces, start, contexts, -rate, otherGradient, 0);
    copies.add(noisePlaces, noiseFrom, noises, -rate, otherGradient, contexts * size);
  }

  /** Finds the contexts that each centre has; returns the weight of all pairs. */
  private double reach(SkipGramText text, int from, int count, int start, int end) {
    int window = spec.window();
    double all = 0;
    for (int i = 0; i < count; i++) {
      int centre = from + i;
      int lo = centre;
      while (lo > start && centre - lo < window && text.sameSentence(lo - 1, centre)) {
        lo--;
      }
      int hi = centre;
      while (hi + 1 < end && hi - centre < window && text.sameSentence(hi + 1, centre)) {
        hi++;
      }
      first[i] = lo - start;
      last[i] = hi - start;
      pairs[i] = (float) (sumOfWeights(centre - lo) + sumOfWeights(hi - centre));
      all += pairs[i];
    }
    return all;
  }

  /** Returns the weight of the contexts up to a distance, to one side. */
  private double sumOfWeights(int distance) {
    return distance - distance * (distance - 1) / 2.0 / spec.window();
  }

  /** Returns the weight of a context at a distance. */
  private float weight(int distance) {
    return (spec.window() + 1 - distance) / (float) spec.window();
  }

  /**
   * Turns the probabilities {@code [M, B]} into the gradient of the logits; returns the summed
   * loss.
   *
   * @param offset the row of the first centre among the contexts
   */
  private double loss(int count, int offset, int contexts) {
    double loss = 0;
    for (int j = 0; j < contexts; j++) {
      for (int i = 0, at = j * count; i < count; i++, at++) {
        boolean isPair = j >= first[i] && j <= last[i] && j != offset + i;
        if (isPair) {
          float weight = weight(Math.abs(j - offset - i));
          loss -= weight * StrictMath.log(Math.max(LEAST, logits[at]));
          logits[at] = weight * (logits[at] - 1);
        } else {
          logits[at] = 0;
        }
      }
    }
    float share = spec.negative() / (float) noises;
    int begin = contexts * count;
    for (int i = 0; i < count; i++) {
      loss += noiseLoss(pairs[i] * share, begin + i, count);
    }
    return loss;
  }

  /**
   * Turns the probabilities of one centre's noise, a column, into the gradient of the logits;
   * returns their loss.
   */
  private double noiseLoss(float weight, int from, int count) {
    double product = 1;
    double logs = 0;
    for (int n = 0, at = from; n < noises; n++, at += count) {
      product *= Math.max(LEAST, 1 - logits[at]);
      logits[at] *= weight;
      if (n % FACTORS == FACTORS - 1 || n == noises - 1) {
        logs += StrictMath.log(product);
        product = 1;
      }
    }
    return -weight * logs;
  }

  /**
   * The vectors of the parameters that a shard touches in a round, copied out so that they can be
   * changed one after the other without changing what other shards see. They fit the cache where
   * all vectors would not.
   */
  private static final class VectorCopies {
    private final int size;

    /**
     * The place of every vector of the parameters, where {@link #ids} has the vector if it is
     * there.
     */
    private final int[] places;

    private int[] ids = {};
    private float[] values = {};
    private int count;

    /**
     * Makes an empty set.
     *
     * @param vectors of the parameters
     * @param size numbers of each
     */
    VectorCopies(int vectors, int size) {
      this.size = size;
      places = new int[vectors];
    }

    /** Forgets all vectors, and makes room for some. */
    void clear(int room) {
      count = 0;
      if (ids.length < room) {
        ids = new int[room];
        values = new float[Math.multiplyExact(room, size)];
      }
    }

    /** Returns the place of a vector, which is added if it is not there. */
    int place(int vector) {
      int place = places[vector];
      if (place >= count || ids[place] != vector) {
        place = count++;
        ids[place] = vector;
        places[vector] = place;
      }
      return place;
    }

    /** Copies all vectors of the set from the parameters. */
    void load(float[] params) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(params, ids[i] * size, values, i * size, size);
      }
    }

    /** Copies vectors of the set behind one another. */
    void gather(int[] places, int from, int n, float[] out, int at) {
      for (int i = 0; i < n; i++) {
        System.arraycopy(values, places[from + i] * size, out, at + i * size, size);
      }
    }

    /** Adds multiples of vectors that lie behind one another, in their order. */
    void add(int[] places, int from, int n, float factor, float[] x, int at) {
      for (int i = 0; i < n; i++) {
        int to = places[from + i] * size;
        int vector = at + i * size;
        for (int j = 0; j < size; j++) {
          values[to + j] += factor * x[vector + j];
        }
      }
    }

    /** Adds to a sum by how much the vectors differ from the parameters. */
    void addChanges(float[] params, Gradient sum) {
      float[] into = sum.values();
      for (int i = 0; i < count; i++) {
        int vector = ids[i] * size;
        sum.addTo(vector, vector + size);
        for (int j = 0; j < size; j++) {
          into[vector + j] += values[i * size + j] - params[vector + j];
        }
      }
    }
  }
}
