// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedMatrix;

/**
 * Finds the words nearest to given directions, by the cosine. Vectors are brought to length 1 once;
 * many queries are one matrix product with all words. A search is not for use by two callers at a
 * time.
 */
public final class VectorSearch {
  /** The most queries that are compared with all words together. */
  static final int BATCH = 64;

  private final WordVectors vectors;
  private final int words;
  private final int size;

  /** The vectors brought to length 1, {@code [words, D]}; a vector of zeros stays one. */
  private final float[] directions;

  private final float[] queries;
  private final float[] cosines;
  private final PackedMatrix packed = new PackedMatrix();
  private int count;

  /**
   * A word and its cosine.
   *
   * @param word its number in the vocabulary
   * @param cosine from -1 to 1
   */
  public record Hit(int word, float cosine) {}

  /** Makes a search among the first {@code words} words. */
  public VectorSearch(WordVectors vectors, int words) {
    if (words < 1 || words > vectors.words()) {
      throw new IllegalArgumentException(
          "cannot search " + words + " of " + vectors.words() + " words");
    }
    this.vectors = vectors;
    this.words = words;
    size = vectors.size();
    directions = new float[words * size];
    for (int w = 0; w < words; w++) {
      addDirection(w, 1, directions, w * size);
    }
    queries = new float[BATCH * size];
    cosines = new float[Math.multiplyExact(words, BATCH)];
  }

  /** Adds a multiple of a word's vector of length 1 to a vector. */
  void addDirection(int word, float factor, float[] into, int at) {
    int from = word * size;
    double norm = Math.sqrt(Ops.sumOfSquares(vectors.values(), from, size));
    float scale = norm > 0 ? (float) (factor / norm) : 0;
    for (int i = 0; i < size; i++) {
      into[at + i] += scale * vectors.values()[from + i];
    }
  }

  /** Forgets all queries. */
  void clear() {
    Arrays.fill(queries, 0, count * size, 0f);
    count = 0;
  }

  /**
   * Adds a query that is a sum of words' directions, as many as there are factors; there is room
   * for {@link #BATCH}.
   */
  void query(int[] words, float[] factors) {
    for (int i = 0; i < factors.length; i++) {
      addDirection(words[i], factors[i], queries, count * size);
    }
    count++;
  }

  /** Compares all queries with all words. */
  void run() {
    packed.packTransposed(queries, 0, size, count, size);
    Ops.gemm(words, directions, 0, size, packed, cosines, 0, count, false);
  }

  /** Returns the product of a query with the direction of a word, once {@link #run} is done. */
  float product(int query, int word) {
    return cosines[word * count + query];
  }

  /**
   * Returns the nearest words of a word, nearest first; equally near ones in the order of the
   * vocabulary.
   *
   * @param word its number; it is not among them
   * @param top how many, fewer if there are fewer
   */
  public List<Hit> nearest(int word, int top) {
    return nearest(new int[] {word}, new float[] {1}, top);
  }

  /**
   * Returns the words nearest to a sum of words' directions, nearest first; equally near ones in
   * the order of the vocabulary. With the factors -1, 1 and 1 they are answers to what is to the
   * third as the second is to the first.
   *
   * @param given numbers of words; they are not among the answers
   * @param factors of their directions
   * @param top how many, fewer if there are fewer
   */
  public List<Hit> nearest(int[] given, float[] factors, int top) {
    clear();
    query(given, factors);
    run();
    double norm = Math.sqrt(Ops.sumOfSquares(queries, 0, size));
    List<Hit> hits = new ArrayList<>();
    for (int w = 0; w < words; w++) {
      int word = w;
      float cosine = norm > 0 && given.length > 1 ? (float) (product(0, w) / norm) : product(0, w);
      if (Arrays.stream(given).anyMatch(g -> g == word)
          || hits.size() == top && cosine <= hits.get(top - 1).cosine()) {
        continue;
      }
      int place = hits.size();
      while (place > 0 && hits.get(place - 1).cosine() < cosine) {
        place--;
      }
      hits.add(place, new Hit(w, cosine));
      if (hits.size() > top) {
        hits.remove(top);
      }
    }
    return hits;
  }
}
