// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.SequenceRows.Skipped;
import org.unroll.spark.rows.TaskSummary.Group;

/**
 * What all tasks found together.
 *
 * @param groups the rows by their number of channels
 * @param lastRow the highest position of each file's rows
 * @param starts how many rows there are before those of each task, in their order
 * @param skipped rows that cannot be used
 * @param firstSkipped the first of them, or null
 */
record DataSummary(
    Map<Integer, Group> groups,
    Map<Integer, Long> lastRow,
    long[] starts,
    long skipped,
    Skipped firstSkipped) {

  /**
   * Puts together the results of tasks, in the order of their rows.
   *
   * @throws InputException with the first problem, if there is one
   */
  static DataSummary of(List<TaskSummary> tasks) {
    requireNoProblem(tasks);
    Map<Integer, Group> groups = new TreeMap<>();
    Map<Integer, Long> lastRow = new TreeMap<>();
    long skipped = 0;
    long[] starts = new long[tasks.size() + 1];
    for (int i = 0; i < tasks.size(); i++) {
      TaskSummary task = tasks.get(i);
      starts[i + 1] = starts[i] + task.read();
      task.groups().forEach((channels, group) -> groups.merge(channels, group, Group::plus));
      task.lastRow().forEach((file, row) -> lastRow.merge(file, row, Math::max));
      skipped += task.skipped();
    }
    Skipped first =
        tasks.stream()
            .map(TaskSummary::firstSkipped)
            .filter(Objects::nonNull)
            .min(Comparator.comparing(Skipped::key))
            .orElse(null);
    return new DataSummary(groups, lastRow, starts, skipped, first);
  }

  private static void requireNoProblem(List<TaskSummary> tasks) {
    tasks.stream()
        .filter(task -> task.problem() != null)
        .min(
            Comparator.comparing(
                TaskSummary::problemKey, Comparator.nullsFirst(Comparator.naturalOrder())))
        .ifPresent(
            task -> {
              throw new InputException(task.problem());
            });
  }

  /** The number of channels of the first row; rows of other numbers do not go with it. */
  int channels() {
    return groups.entrySet().stream()
        .min(Comparator.comparing(entry -> entry.getValue().first()))
        .orElseThrow()
        .getKey();
  }

  /** The rows that go together. */
  Group rows() {
    return groups.get(channels());
  }

  /** The first row that does not go with the others; null if there is none. */
  RowKey firstOther() {
    int channels = channels();
    return groups.entrySet().stream()
        .filter(entry -> entry.getKey() != channels)
        .map(entry -> entry.getValue().first())
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /** Rows that do not go with the others. */
  long others() {
    return groups.values().stream().mapToLong(Group::rows).sum() - rows().rows();
  }
}
