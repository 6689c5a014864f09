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
 * @param usual names that the columns have where nothing else tells any; may be empty
 */
public record RowsInput(
    List<String> paths,
    RowFormat format,
    List<String> columns,
    Boolean header,
    OnInvalid onInvalid,
    OnBadRow onBadRow,
    List<String> usual)
    implements Serializable {

  /** The ways to go on at a row that cannot be used. */
  public enum OnBadRow {
    /** The row ends the command with a message that names file and line. */
    FAIL,
    /** The row is left out and counted. */
    SKIP
  }

  /**
   * A form is how the input of a training was written, so that a model's other data are read alike.
   *
   * @param format of its files
   * @param named the format that their names told, or null
   * @param columns the names that were given to them; may be empty
   * @param header whether somebody said that there is a header; null if nobody did
   */
  public record Form(RowFormat format, RowFormat named, List<String> columns, Boolean header) {}

  public RowsInput {
    paths = List.copyOf(paths);
    columns = List.copyOf(columns);
    usual = List.copyOf(usual);
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

  /** Describes files whose columns have no usual names. */
  public RowsInput(
      List<String> paths,
      RowFormat format,
      List<String> columns,
      Boolean header,
      OnInvalid onInvalid,
      OnBadRow onBadRow) {
    this(paths, format, columns, header, onInvalid, onBadRow, List.of());
  }

  /** Files of any format in the usual form, where no bad row is left out. */
  public static RowsInput of(List<String> paths) {
    return new RowsInput(paths, null, List.of(), null, OnInvalid.FAIL, OnBadRow.FAIL);
  }

  /** Returns the same description of other files. */
  public RowsInput at(List<String> others) {
    return new RowsInput(others, format, columns, header, onInvalid, onBadRow, usual);
  }

  /** Returns the form of files that turned out to be of a format. */
  public Form form(RowFormat found) {
    return new Form(found, RowFormat.guess(paths.get(0)), columns, header);
  }

  /**
   * Returns the same files, read like those of a training where nothing is said of them. Their
   * names may tell another format than the training's names did: then that is theirs.
   *
   * @param form of the training's files, or null if it is not known
   */
  public RowsInput like(Form form) {
    RowFormat told = format == null ? RowFormat.guess(paths.get(0)) : format;
    boolean alike = form != null && (told == null || told == form.named && format == null);
    RowFormat own = alike ? form.format : told;
    if (form == null || own != form.format) {
      return this;
    }
    return new RowsInput(
        paths,
        own,
        columns,
        header == null && columns.isEmpty() ? form.header : header,
        onInvalid,
        onBadRow,
        form.columns);
  }
}
