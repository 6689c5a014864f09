// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.List;

/**
 * How the rows of a table are read.
 *
 * @param format of all files
 * @param columns names of the columns of CSV and TSV without a header, in their order; empty with a
 *     header
 * @param multiline whether quoted values of CSV may hold newlines, so that a file cannot be read in
 *     parts
 * @param wanted the columns to read, each of them in the table
 */
public record TableSpec(
    InputFormat format, List<String> columns, boolean multiline, List<String> wanted)
    implements Serializable {

  public TableSpec {
    columns = List.copyOf(columns);
    wanted = List.copyOf(wanted);
  }

  /** Whether the first line of every file has the names of the columns. */
  public boolean header() {
    return format.isDelimited() && columns.isEmpty();
  }
}
