// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.DocumentColumns;
import org.unroll.spark.rows.InputFormat;
import picocli.CommandLine.Option;

/** How files become documents. */
@OptionRule.Group("Files")
final class RowOptions {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "Of all files: text, csv, tsv, jsonl or parquet (default: by the ending of their names,"
              + " looking through .gz and the like; otherwise text).")
  InputFormat format;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "Of a table: the column with the text (default: none).")
  String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "Of a table: the column with labels (default: none).")
  String label;

  @Option(
      names = "--id",
      paramLabel = "COLUMN",
      description =
          "Of a table: the column with names of documents (default: the file's name and the number"
              + " in it, from 0).")
  String id;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAMES",
      description =
          "Of CSV and TSV without a header: names of all columns, with commas between them"
              + " (default: the first line of each file has them).")
  @OptionRule(notWith = "--header", why = "both name the columns")
  List<String> columns = new ArrayList<>();

  @Option(
      names = "--header",
      description =
          "Of CSV and TSV: the first line has the names of the columns, as it has anyway"
              + " without --columns.")
  boolean header;

  @Option(
      names = "--multiline",
      description =
          "Of CSV: quoted values may hold newlines; a file is then read by one task (default: they"
              + " may not).")
  boolean multiline;

  @Option(
      names = "--whole-files",
      description = "Of text: a file is one document (default: a line is).")
  boolean wholeFiles;

  /** The columns of a table; null if none were named. */
  DocumentColumns documentColumns() {
    if (text == null && (label != null || id != null)) {
      throw new InputException("--text is missing: name the column with the text (default: none).");
    }
    return text == null ? null : new DocumentColumns(text, label, id);
  }
}
