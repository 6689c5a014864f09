// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Random;

/** Token sequences with something to learn in them. */
final class Texts {
  private Texts() {}

  /** "hello" over and over; ids h, e, l, o. */
  static int[] hello(int times) {
    int[] word = {0, 1, 2, 2, 3};
    int[] tokens = new int[times * word.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = word[i % word.length];
    }
    return tokens;
  }

  /** Each token depends on the two before it, with some noise. */
  static int[] language(int length, long seed) {
    Random random = new Random(seed);
    int[] tokens = new int[length];
    for (int i = 2; i < length; i++) {
      tokens[i] =
          random.nextInt(4) == 0 ? random.nextInt(7) : (2 * tokens[i - 1] + tokens[i - 2] + 1) % 7;
    }
    return tokens;
  }
}
