// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import org.unroll.rnn.data.SequenceExample;

/** Sequences with what is to be found out about them. */
final class Targets {
  private Targets() {}

  static SequenceExample labelled(SequenceExample e, int... labels) {
    return new SequenceExample(
        e.id(), e.steps(), e.tokens(), e.characters(), e.features(), labels, e.values());
  }

  /** The ids of some labels. */
  static int[] ids(String[] labels, RowEncoder encoder) throws UnusableRowException {
    int[] ids = new int[labels.length];
    for (int t = 0; t < ids.length; t++) {
      ids[t] = encoder.labelId(labels[t]);
    }
    return ids;
  }
}
