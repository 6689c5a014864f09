// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;

/**
 * A shape is what the sequences of a task have.
 *
 * @param columns of tokens
 * @param characters whether the words of the steps are given by their characters
 * @param features D, numbers of every step
 * @param target where labels and values belong
 * @param values numbers to be found at such a place; 0 for labels
 */
public record BatchShape(int columns, boolean characters, int features, Target target, int values)
    implements Serializable {
  /** A target is the place where labels and values belong. */
  public enum Target {
    /** A sequence has one label. */
    SEQUENCE,
    /** Every step has a label. */
    STEP,
    /** A sequence has any number of labels in their order, nobody knows for which steps. */
    UNALIGNED
  }

  /** Returns how many labels or numbers are to be found in a place: 1 label, or some values. */
  int width() {
    return Math.max(1, values);
  }

  /**
   * Refuses an example that lacks what it takes to be read.
   *
   * @throws IllegalArgumentException naming the example, what it has and what it must have
   */
  public void requireInputs(Example example) {
    require(example, "columns of tokens", example.tokens().length, columns);
    if (characters && example.characters() == null) {
      throw new IllegalArgumentException(
          "sequence " + example.id() + " has no characters of its words");
    }
    int numbers = example.features() == null ? 0 : example.features().length;
    require(example, "features", numbers, Math.multiplyExact(features, example.steps()));
  }

  /**
   * Returns whether an example has a target; one with a target of the wrong size is refused.
   *
   * @throws IllegalArgumentException naming the example, what it has and what it must have
   */
  public boolean hasTarget(Example example) {
    if (values == 0 ? example.labels() == null : example.values() == null) {
      return false;
    }
    if (target == Target.UNALIGNED) {
      return true;
    }
    int places = target == Target.STEP ? example.steps() : 1;
    int found = values == 0 ? example.labels().length : example.values().length;
    require(example, values == 0 ? "labels" : "values", found, places * width());
    return true;
  }

  private static void require(Example example, String what, int found, int expected) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "sequence %s of %d steps has %d %s but must have %d"
              .formatted(example.id(), example.steps(), found, what, expected));
    }
  }
}
