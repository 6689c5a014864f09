// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Checks;
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
 * @param targets files of lines that say line by line what is to be written about those of {@code
 *     paths}; empty where rows say that themselves
 * @param like how the files were written that a model learnt, like which these are taken where
 *     nothing is said of them; or null
 * @param frames data frames by the names that paths have for them; mostly none
 */
public record RowsInput(
    List<String> paths,
    RowFormat format,
    List<String> columns,
    Boolean header,
    OnInvalid onInvalid,
    OnBadRow onBadRow,
    List<String> targets,
    Form like,
    Map<String, Dataset<Row>> frames)
    implements Serializable {

  /** The ways to go on at a row that cannot be used. */
  public enum OnBadRow {
    /** The row ends the command with a message that names file and line. */
    FAIL,
    /** The row is left out and counted. */
    SKIP
  }

  /**
   * A form is how files were written, as far as their names and whoever named them told.
   *
   * @param format that somebody told, or null
   * @param named the format that the name told, or null
   * @param columns the names that were given to them; may be empty
   * @param header whether somebody said that there is a header; null if nobody did
   */
  public record Form(RowFormat format, RowFormat named, List<String> columns, Boolean header)
      implements Serializable {
    public Form {
      Checks.present("columns", columns);
      columns = List.copyOf(columns);
    }

    /** Returns the format of files whose name tells one, or none. */
    RowFormat of(RowFormat told) {
      RowFormat own = format == null ? named : format;
      return told == null || told == named ? own : told;
    }
  }

  public RowsInput {
    paths = List.copyOf(paths);
    columns = List.copyOf(columns);
    targets = List.copyOf(targets);
    frames = Map.copyOf(frames);
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

  /** Describes files that are like no others. */
  public RowsInput(
      List<String> paths,
      RowFormat format,
      List<String> columns,
      Boolean header,
      OnInvalid onInvalid,
      OnBadRow onBadRow) {
    this(paths, format, columns, header, onInvalid, onBadRow, List.of(), null, Map.of());
  }

  /** Files of any format in the usual form, where no bad row is left out. */
  public static RowsInput of(List<String> paths) {
    return new RowsInput(paths, null, List.of(), null, OnInvalid.FAIL, OnBadRow.FAIL);
  }

  /** Returns the same description of other files. */
  public RowsInput at(List<String> others) {
    return at(others, List.of());
  }

  /**
   * Returns the same description of other files.
   *
   * @param aligned files of lines that say what is to be written about theirs; may be empty
   */
  public RowsInput at(List<String> others, List<String> aligned) {
    return new RowsInput(
        others, format, columns, header, onInvalid, onBadRow, aligned, like, frames);
  }

  /** Returns the same files, taken like others where nothing is said of them; null for none. */
  public RowsInput like(Form form) {
    return new RowsInput(
        paths, format, columns, header, onInvalid, onBadRow, targets, form, frames);
  }

  /** Returns the same description where names among the paths are those of data frames. */
  public RowsInput with(Map<String, Dataset<Row>> named) {
    return new RowsInput(paths, format, columns, header, onInvalid, onBadRow, targets, like, named);
  }

  /** Returns the data frame that is the input, or null if it is files. */
  public Dataset<Row> frameOrNull() {
    return frames.isEmpty() ? null : frames.get(paths.get(0));
  }

  /** Returns whether the files have columns, as far as their names tell. */
  public boolean hasColumns() {
    RowFormat named = RowFormat.guess(paths.get(0));
    RowFormat told = format != null ? format : like == null ? named : like.of(named);
    return told != null && told != RowFormat.TEXT && told != RowFormat.FILE;
  }

  /** Returns how the files are written. */
  public Form form() {
    RowFormat told = targets.isEmpty() ? format : RowFormat.TEXT;
    return new Form(told, RowFormat.guess(paths.get(0)), columns, header);
  }
}
