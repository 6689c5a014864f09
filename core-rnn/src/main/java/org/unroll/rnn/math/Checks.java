// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/** Checks of ranges. Their messages name an option as people write it, or a part, and its value. */
public final class Checks {
  private Checks() {}

  public static void positive(String option, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " must be positive but was " + value);
    }
  }

  public static void notNegative(String option, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(option + " must not be negative but was " + value);
    }
  }

  public static void positive(String option, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(option + " must be positive and finite but was " + value);
    }
  }

  public static void notNegative(String option, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          option + " must be zero or positive, and finite, but was " + value);
    }
  }

  /** Requires a decay: below 1, so that an old value is forgotten in the end. */
  public static void fraction(String option, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(option + " must be in [0, 1) but was " + value);
    }
  }

  public static void present(String option, Object value) {
    if (value == null) {
      throw new IllegalArgumentException(option + " is missing");
    }
  }
}
