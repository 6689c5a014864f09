// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * The labels of some data that a model does not know.
 *
 * @param names different ones
 * @param count all of them
 * @param first of them with its place, for people; null if there is none
 */
public record UnseenLabels(List<String> names, long count, String first) {
  private static final UnseenLabels NONE = new UnseenLabels(List.of(), 0, null);

  /** Looks for such labels, as Spark jobs. */
  static UnseenLabels of(RowSet data, RowTask task, RowEncoder encoder) {
    Map<String, Long> counts = new LinkedHashMap<>(task.labels(data));
    Set<String> known = new HashSet<>(encoder.labels());
    counts.keySet().removeAll(known);
    if (counts.isEmpty()) {
      return NONE;
    }
    SequenceRow row =
        data.rows().filter(some -> !known.containsAll(Arrays.asList(task.labelsOf(some)))).first();
    String label =
        Arrays.stream(task.labelsOf(row))
            .filter(some -> !known.contains(some))
            .findFirst()
            .orElseThrow();
    long count = counts.values().stream().mapToLong(Long::longValue).sum();
    String first = "'" + label + "' in " + data.where(row.key());
    return new UnseenLabels(List.copyOf(counts.keySet()), count, first);
  }

  /** Returns them in a sentence. */
  public String describe() {
    return count == 1
        ? "A label that training never saw counts as a mistake: " + first + "."
        : "%s labels that training never saw count as mistakes, the first is %s."
            .formatted(Figures.count(count), first);
  }
}
