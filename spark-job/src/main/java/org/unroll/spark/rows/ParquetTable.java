// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.apache.spark.sql.functions.col;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.HadoopFiles;

/** Parquet files, which Spark's own source reads: their columns, and where each row is from. */
final class ParquetTable {
  private static final String PATH = "_metadata.file_path";
  private static final String ROW = "_metadata.row_index";

  private final Dataset<Row> table;
  private final List<InputFile> files;

  private ParquetTable(Dataset<Row> table, List<InputFile> files) {
    this.table = table;
    this.files = files;
  }

  /**
   * Reads the schema.
   *
   * @throws InputException if a file is not Parquet
   */
  static ParquetTable open(SparkSession session, List<InputFile> files) {
    String[] paths = files.stream().map(InputFile::path).toArray(String[]::new);
    try {
      return new ParquetTable(session.read().parquet(paths), files);
    } catch (Exception e) {
      // Spark's source throws checked exceptions that its signature does not have.
      throw new InputException(
          "The input "
              + HadoopFiles.show(new Path(files.get(0).path()))
              + (files.size() > 1 ? " (or one of " + files.size() + " files)" : "")
              + " cannot be read as Parquet: "
              + HadoopFiles.reason(e)
              + ". Name its format with --format.",
          e);
    }
  }

  List<String> columns() {
    return List.of(table.columns());
  }

  /** The columns of these names, then path and row number. */
  Dataset<Row> select(List<String> names) {
    List<Column> columns = new ArrayList<>();
    names.forEach(name -> columns.add(col("`" + name.replace("`", "``") + "`")));
    columns.add(col(PATH));
    columns.add(col(ROW));
    return table.select(columns.toArray(Column[]::new));
  }

  /** The index of each file. */
  Map<String, Integer> indices() {
    Map<String, Integer> indices = new HashMap<>();
    for (int f = 0; f < files.size(); f++) {
      indices.put(new Path(files.get(f).path()).toString(), f);
    }
    return indices;
  }

  /** A file's path from what Spark tells, which is encoded as in a URI. */
  static String key(String path) {
    return new Path(URI.create(path)).toString();
  }
}
