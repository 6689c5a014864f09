// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.io.InputException;

/**
 * Where rows are and how they are written.
 *
 * @param paths files, folders and patterns on any Hadoop file system
 * @param format null to guess it from the names
 * @param columns names of the columns, in their order, for files that do not tell; may be empty
 * @param header whether the first line of each file names its columns
 * @param onBadRow what becomes of rows that cannot be used
 */
public record RowsInput(
    List<String> paths,
    SequenceFormat format,
    List<String> columns,
    boolean header,
    OnBadRow onBadRow) {

  public RowsInput {
    paths = List.copyOf(paths);
    columns = List.copyOf(columns);
    Set<String> seen = new HashSet<>();
    for (String column : columns) {
      if (column.isBlank() || !seen.add(column)) {
        throw new InputException(
            "--columns "
                + String.join(",", columns)
                + " must name every column, each by another name, but has '"
                + column
                + (column.isBlank() ? "'." : "' twice."));
      }
    }
  }

  /** The same, but for other files. */
  public RowsInput at(List<String> others) {
    return new RowsInput(others, format, columns, header, onBadRow);
  }
}
