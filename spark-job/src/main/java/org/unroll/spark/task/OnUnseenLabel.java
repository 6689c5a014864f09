// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

/** What becomes of a label that is to be found in other data but was never seen in training. */
public enum OnUnseenLabel {
  /** Its row cannot be used. */
  FAIL,
  /** No answer is right: it counts as a mistake, as in the shared tasks of CoNLL. */
  WRONG
}
