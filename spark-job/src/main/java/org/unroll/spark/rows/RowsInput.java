// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * A description of the files that hold rows, and of how they are written.
 *
 * @param paths files, folders and patterns on any Hadoop file system
 * @param format null to guess it from the names
 * @param columns names of the columns, in their order, for files that do not tell; may be empty
 * @param header whether the first line of each file names its columns; null to find out
 * @param onInvalid what becomes of bytes that are no UTF-8
 * @param onBadRow what becomes of rows that cannot be used
 */
public record RowsInput(
    List<String> paths,
    RowFormat format,
    List<String> columns,
    Boolean header,
    OnInvalid onInvalid,
    OnBadRow onBadRow)
    implements Serializable {

  /** The ways to go on at a row that cannot be used. */
  public enum OnBadRow {
    /** The row ends the command with a message that names file and line. */
    FAIL,
    /** The row is left out and counted. */
    SKIP
  }

  public RowsInput {
    paths = List.copyOf(paths);
    columns = List.copyOf(columns);
    Set<String> seen = new HashSet<>();
    for (String column : columns) {
      if (column.isBlank() || !seen.add(column)) {
        throw new InputException(
            "--columns %s must name every column, each by another name, but has '%s%s"
                .formatted(
                    String.join(",", columns), column, (column.isBlank() ? "'." : "' twice.")));
      }
    }
  }

  /** Files of any format in the usual form, where no bad row is left out. */
  public static RowsInput of(List<String> paths) {
    return new RowsInput(paths, null, List.of(), null, OnInvalid.FAIL, OnBadRow.FAIL);
  }

  /** Returns the same description of other files. */
  public RowsInput at(List<String> others) {
    return new RowsInput(others, format, columns, header, onInvalid, onBadRow);
  }
}
