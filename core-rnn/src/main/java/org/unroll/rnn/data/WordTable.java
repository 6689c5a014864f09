// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.math.Packing;

/**
 * A word table has the words of a batch by their characters, each once, packed, the longest first.
 * A word without a character is read as one of the character 0.
 */
public final class WordTable {
  private static final int[] EMPTY_WORD = {0};

  private final Packing packing = new Packing();
  private int[] characters = new int[0];
  private int[] wordOf = new int[0];

  /** Takes the words of all positions, in their order. */
  void set(List<int[]> words) {
    Map<IntBuffer, Integer> numbers = new HashMap<>();
    List<int[]> distinct = new ArrayList<>();
    int[] number = new int[words.size()];
    for (int p = 0; p < number.length; p++) {
      int[] word = words.get(p).length == 0 ? EMPTY_WORD : words.get(p);
      number[p] =
          numbers.computeIfAbsent(
              IntBuffer.wrap(word),
              w -> {
                distinct.add(word);
                return distinct.size() - 1;
              });
    }
    List<Integer> order = new ArrayList<>(numbers.values());
    order.sort(
        Comparator.<Integer>comparingInt(i -> -distinct.get(i).length)
            .thenComparing(Comparator.naturalOrder()));
    int[] rowOf = new int[order.size()];
    int[] lengths = new int[order.size()];
    for (int row = 0; row < lengths.length; row++) {
      rowOf[order.get(row)] = row;
      lengths[row] = distinct.get(order.get(row)).length;
    }
    packing.set(lengths, lengths.length);
    fill(distinct, order);
    wordOf = new int[number.length];
    Arrays.setAll(wordOf, p -> rowOf[number[p]]);
  }

  private void fill(List<int[]> distinct, List<Integer> order) {
    if (characters.length < packing.positions()) {
      characters = new int[packing.positions()];
    }
    for (int row = 0; row < order.size(); row++) {
      int[] word = distinct.get(order.get(row));
      for (int i = 0; i < word.length; i++) {
        characters[packing.at(i) + row] = word[i];
      }
    }
  }

  /** Returns where the characters of the distinct words lie. */
  public Packing packing() {
    return packing;
  }

  /** Returns the ids of the characters, packed. */
  public int[] characters() {
    return characters;
  }

  /** Returns the row of its word for every position of the batch. */
  public int[] wordOf() {
    return wordOf;
  }
}
