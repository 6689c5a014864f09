// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.SequenceRow;

/** How good the answers for some rows are; those of parts can be added. */
abstract class TaskScore implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Counts one answer. */
  abstract void add(SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder);

  /** Adds another part of the same task. */
  abstract void add(TaskScore other);

  /**
   * By the names that commands print.
   *
   * @param loss the mean one
   */
  abstract Map<String, Object> figures(double loss);

  /** In rows, for the report. */
  abstract List<Report.Table> tables();
}
