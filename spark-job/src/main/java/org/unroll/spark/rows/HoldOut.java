// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.train.Split;

/**
 * A rule that holds out rows and documents for ever: on which side one is depends on what it says
 * alone, so that no later training learns from what an earlier one was judged by, however the data
 * grow. Equal ones fall on one side, whatever their labels, names and places, and no seed has a
 * part in it. A larger share holds out more, and whatever was held out before.
 *
 * @param valid the share of the space of hashes that is for validation, in [0, 1)
 * @param test the share that is for the test; both together are less than 1
 */
public record HoldOut(double valid, double test) implements Serializable {
  private static final long KEY = RandomBits.key(0x686F6C64L);

  /**
   * Checks the shares.
   *
   * @throws IllegalArgumentException if they are no shares, or nothing would be held out or left
   */
  public HoldOut {
    if (!(valid >= 0 && test >= 0 && valid + test > 0 && valid + test < 1)) {
      throw new IllegalArgumentException(
          "the shares must be at least 0, and together more than 0 and less than 1, but are %s and %s"
              .formatted(valid, test));
    }
  }

  /**
   * Reads shares as they are typed, {@code 0.1,0.1}.
   *
   * @throws IllegalArgumentException if they are no two numbers, or no shares
   */
  public static HoldOut parse(String text) {
    String[] parts = text.split(",", -1);
    double[] shares = new double[2];
    try {
      for (int i = 0; i < parts.length && i < 2; i++) {
        shares[i] = Double.parseDouble(parts[i].strip());
      }
    } catch (NumberFormatException e) {
      parts = new String[0];
    }
    if (parts.length != 2) {
      throw new IllegalArgumentException(
          "'" + text + "' is not two shares, for validation and for the test, such as 0.1,0.1");
    }
    return new HoldOut(shares[0], shares[1]);
  }

  /** Returns the sides that may have something. */
  public List<Split> splits() {
    return valid == 0
        ? List.of(Split.TRAIN, Split.TEST)
        : test == 0 ? List.of(Split.TRAIN, Split.VALID) : List.of(Split.values());
  }

  /** Returns the side of a row, by its tokens and numbers. */
  public Split split(SequenceRow row) {
    return split(RowHash.said(row));
  }

  /** Returns the side of what has this hash. */
  Split split(long hash) {
    // From both ends, so that the one side can grow without a change of the other.
    double place = RandomBits.uniformDouble(KEY, hash);
    return place < test ? Split.TEST : place >= 1 - valid ? Split.VALID : Split.TRAIN;
  }

  /**
   * Returns the documents of a side. An empty one says nothing that could be learnt: it stays with
   * the one before it.
   */
  public Documents part(Documents all, Split split) {
    return new HeldDocuments(all, this, split);
  }

  /** Returns what is told where a side of an input has nothing. */
  public String none(String what, Split split) {
    String side =
        switch (split) {
          case TRAIN -> "to train on";
          case VALID -> "for validation";
          case TEST -> "for the test";
        };
    return "Of the input's %s, none is left %s with --hold-out %s: take other shares or more data."
        .formatted(what, side, this);
  }

  /** Returns the shares as they are typed. */
  @Override
  public String toString() {
    return valid + "," + test;
  }
}
