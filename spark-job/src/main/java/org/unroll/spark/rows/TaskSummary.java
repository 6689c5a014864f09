// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.SequenceRows.Skipped;

/**
 * What a task found in its rows. A problem travels as a result: thrown, Spark would try the task
 * again, and the first of several problems to arrive would be the one that is told.
 *
 * @param groups the rows by their number of channels
 * @param lastRow the highest position of each file's rows
 * @param read all rows, whatever became of them
 * @param skipped rows that cannot be used
 * @param firstSkipped the first of them, or null
 * @param problem what is wrong with the input, or null
 * @param problemKey the row it is about, or null
 */
@DefaultSerializer(JavaSerializer.class)
record TaskSummary(
    Map<Integer, Group> groups,
    Map<Integer, Long> lastRow,
    long read,
    long skipped,
    Skipped firstSkipped,
    String problem,
    RowKey problemKey)
    implements Serializable {

  /**
   * Rows of as many channels each.
   *
   * @param steps of all
   * @param longest steps of one row
   * @param hash see {@link RowHash#placed}
   * @param first of them in the input's order
   */
  record Group(long rows, long steps, int longest, long hash, RowKey first)
      implements Serializable {

    static Group of(SequenceRow row) {
      return new Group(1, row.steps(), row.steps(), RowHash.placed(row), row.key());
    }

    Group plus(Group other) {
      return new Group(
          rows + other.rows,
          steps + other.steps,
          Math.max(longest, other.longest),
          hash + other.hash,
          first.compareTo(other.first) <= 0 ? first : other.first);
    }
  }

  /** Reads all rows. */
  static TaskSummary of(SequenceRows rows) {
    Map<Integer, Group> groups = new TreeMap<>();
    try {
      while (rows.hasNext()) {
        SequenceRow row = rows.next();
        groups.merge(row.channels(), Group.of(row), Group::plus);
      }
    } catch (BadInputRowException e) {
      return problem(e.getMessage(), e.key());
    } catch (InputException e) {
      return problem(e.getMessage(), null);
    }
    return new TaskSummary(
        groups, rows.lastRow(), rows.read(), rows.skipped(), rows.firstSkipped(), null, null);
  }

  private static TaskSummary problem(String message, RowKey key) {
    return new TaskSummary(Map.of(), Map.of(), 0, 0, null, message, key);
  }
}
