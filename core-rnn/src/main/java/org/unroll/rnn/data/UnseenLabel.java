// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/**
 * Labels that a model does not know, because only the data that it is scored on have them. Their
 * ids lie below {@link Batch#MASKED}: nothing is learnt from them, and no answer is right.
 */
public final class UnseenLabel {
  private UnseenLabel() {}

  /** The id of the unseen label with this number, from 0. */
  public static int id(int number) {
    return Batch.MASKED - 1 - number;
  }

  /** Whether a label is one. */
  public static boolean is(int label) {
    return label < Batch.MASKED;
  }

  /**
   * Where a label is counted: at its id, or behind all known ones.
   *
   * @param label one that is not masked
   * @param known how many labels the model knows
   */
  public static int place(int label, int known) {
    return is(label) ? known + Batch.MASKED - 1 - label : label;
  }
}
