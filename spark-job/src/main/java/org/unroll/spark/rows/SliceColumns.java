// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.RowsInput.OnBadRow;

/**
 * Slice columns have values that part rows, such as where they come from. A value stands in the
 * row, or for all rows of a file in its path, as in {@code country=de/part-0.csv}.
 *
 * @param places of the columns among the values of a record; -1 for those in paths
 * @param ofFiles of every file the values in its path, by column, null where there is none
 */
record SliceColumns(int[] places, String[][] ofFiles) implements Serializable {
  /** What Hive and Spark write for a value that is missing. */
  private static final String NOTHING = "__HIVE_DEFAULT_PARTITION__";

  /**
   * Returns the names of the columns that records have, so that those are read.
   *
   * @param available what the input has, or for JSON lines what its first row has
   * @throws InputException if a column is neither there nor in the path of every file
   */
  static List<String> read(
      ColumnChoice choice,
      RowFormat format,
      List<String> available,
      List<InputFile> files,
      OnBadRow onBadRow) {
    boolean table = format.isTable();
    List<String> read =
        choice.slices().stream()
            .filter(column -> !files.stream().allMatch(file -> hasInPath(file, column)))
            .toList();
    for (String column : read) {
      boolean sparse = format == RowFormat.JSONL && onBadRow == OnBadRow.SKIP;
      if (!table) {
        throw new InputException(
            ("Files of the format %s have no column '%s' (--slice): give tables (tsv, csv, jsonl or"
                    + " parquet), or files below folders such as %s=VALUE.")
                .formatted(format.word(), column, column));
      }
      if (!available.contains(column) && !sparse) {
        throw new InputException(
            "The input has no column '%s' (--slice). It has %s, and not every file is below a folder %s=VALUE."
                .formatted(column, String.join(", ", available), column));
      }
    }
    return read;
  }

  /**
   * Finds out where the values are.
   *
   * @param read names of the columns that records have
   * @param names of all values of a record
   */
  static SliceColumns of(
      ColumnChoice choice, List<String> read, List<String> names, List<InputFile> files) {
    List<String> columns = choice.slices();
    int[] places =
        columns.stream()
            .mapToInt(column -> read.contains(column) ? names.indexOf(column) : -1)
            .toArray();
    String[][] ofFiles =
        files.stream()
            .map(
                file -> columns.stream().map(column -> inPath(file, column)).toArray(String[]::new))
            .toArray(String[][]::new);
    return new SliceColumns(places, ofFiles);
  }

  private static boolean hasInPath(InputFile file, String column) {
    return folders(file).anyMatch(folder -> folder.startsWith(column + "="));
  }

  private static Stream<String> folders(InputFile file) {
    String folders = file.path().substring(0, file.path().lastIndexOf('/') + 1);
    return Stream.of(folders.split("/"));
  }

  /** Returns the value of the innermost folder that has one; null for none. */
  private static String inPath(InputFile file, String column) {
    return folders(file)
        .filter(folder -> folder.startsWith(column + "="))
        .map(folder -> ExternalCatalogUtils.unescapePathName(folder.substring(column.length() + 1)))
        .reduce((outer, inner) -> inner)
        .filter(value -> !value.equals(NOTHING) && !value.isBlank())
        .orElse(null);
  }

  /** Returns the values of a record of a file, null where one is missing. */
  String[] of(int file, Object[] record) throws BadRowException {
    String[] values = new String[places.length];
    for (int s = 0; s < values.length; s++) {
      Object value = places[s] < 0 ? ofFiles[file][s] : record[places[s]];
      String text = value == null ? "" : RowAssembler.text(value);
      values[s] = text.isBlank() ? null : text;
    }
    return values;
  }
}
