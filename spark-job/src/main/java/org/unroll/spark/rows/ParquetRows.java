// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.unroll.spark.store.HadoopFiles;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Rows that Spark read: the wanted columns, then the path of the file and the number of the row in
 * it.
 */
final class ParquetRows implements RowStream {
  private final Iterator<Row> rows;
  private final Map<String, Integer> files;
  private String path;

  /**
   * @param files index by path
   */
  ParquetRows(Iterator<Row> rows, Map<String, Integer> files) {
    this.rows = rows;
    this.files = files;
  }

  @Override
  public RawRow next() {
    if (!rows.hasNext()) {
      return null;
    }
    Row row = rows.next();
    int columns = row.size() - 2;
    Object[] values = new Object[columns];
    for (int c = 0; c < columns; c++) {
      values[c] = value(row.get(c));
    }
    path = row.getString(columns);
    return new RawRow(row.getLong(columns + 1), values);
  }

  private static Object value(Object value) {
    if (!(value instanceof Seq<?> sequence)) {
      return value;
    }
    List<?> list = CollectionConverters.asJava(sequence);
    return list.stream().anyMatch(Seq.class::isInstance)
        ? list.stream().map(ParquetRows::value).toList()
        : list;
  }

  @Override
  public int file() {
    return files.get(ParquetTable.key(path));
  }

  @Override
  public String where(long position) {
    return "row " + (position + 1) + " of " + HadoopFiles.show(new Path(ParquetTable.key(path)));
  }

  @Override
  public void close() {
    // Spark closes what it opened.
  }
}
