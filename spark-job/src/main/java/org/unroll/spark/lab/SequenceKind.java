// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.report.Json;

/** A kind of made-up sequences; what it makes depends on its own settings and the draws alone. */
public interface SequenceKind {
  /** The width of the place that a sequence is drawn in, in pixels. */
  int WIDTH = 360;

  /** The height of that place. */
  int HEIGHT = 160;

  /**
   * Makes a sequence.
   *
   * @return fields by name: strings, numbers, lists of them, null for a missing number
   */
  Map<String, Object> sample(Draws draws);

  /** Returns what is to be kept beside the data and does not stand in the settings, by name. */
  default Map<String, Object> facts() {
    return Map.of();
  }

  /** Returns what no two files have in common: the whole sequence, or what is combined in it. */
  default String combination(Map<String, Object> sample) {
    return Json.line(sample);
  }

  /** Draws a sequence in black lines, into {@link #WIDTH} by {@link #HEIGHT}. */
  void draw(Map<String, Object> sample, Graphics2D into);

  /** Returns a number with few digits, as files have them: rounded to four decimals. */
  static BigDecimal rounded(double value) {
    BigDecimal rounded =
        BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_EVEN).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
  }

  /** A sequence of random numbers, told from others by a key. */
  final class Draws {
    private final long key;
    private long drawn;

    /** Begins the random numbers of a seed, or of the sequence with a number. */
    public Draws(long seed, long... sequence) {
      this.key = RandomBits.key(seed, sequence);
    }

    /** Draws a uniform number in [0, 1). */
    double uniform() {
      return RandomBits.uniformDouble(key, drawn++);
    }

    /** Draws a uniform number in [from, to). */
    double uniform(double from, double to) {
      return from + (to - from) * uniform();
    }

    /** Draws a uniform whole number in [0, bound). */
    int below(int bound) {
      return (int) (uniform() * bound);
    }

    /** Draws a uniform whole number in [from, to], both included. */
    int between(int from, int to) {
      return from + below(to - from + 1);
    }

    /** Draws whether something of this probability happens. */
    boolean chance(double probability) {
      return uniform() < probability;
    }

    /** Draws a standard normal number. */
    double gaussian() {
      return RandomBits.gaussian(key, drawn++);
    }
  }
}
