// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.LabelKind;
import org.unroll.spark.rows.OnBadRow;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.SequenceFormat;
import picocli.CommandLine.Option;

/** How the rows of inputs are written, and which of their columns are read. */
@OptionRule.Group(
    value = "Columns",
    tasks = {
      TaskName.CLASSIFY,
      TaskName.TAG,
      TaskName.FORECAST,
      TaskName.STATE,
      TaskName.RECOGNISE
    },
    settings = false)
final class TableOptions {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "text, tsv, csv, jsonl, parquet, conll, conllu, ts (sktime) or ucr (default: told by the"
              + " files' names, whether packed or not).")
  SequenceFormat format;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAMES",
      description =
          "Names of the columns of tsv, csv and conll files, as in label,rating,id,text (default:"
              + " those of --header; for conll word,pos,chunk,ner, as many as there are).")
  List<String> columns = new ArrayList<>();

  @Option(
      names = "--header",
      description = "The first line of each tsv or csv file names its columns.")
  boolean header;

  @Option(
      names = "--text",
      split = ",",
      paramLabel = "COLUMNS",
      description =
          "Columns of tokens: text, or lists of tokens (default: the column text if there is one;"
              + " the first of conll, form of conllu; observations,actions of the task state, which"
              + " reads actions beside observations, and actions alone with --features).")
  List<String> text = new ArrayList<>();

  @Option(
      names = "--features",
      split = ",",
      paramLabel = "COLUMNS",
      description =
          "Columns of numbers: lists, of a number or of all channels for each step; or a column for"
              + " each step (default: the column features, unless there is text).")
  List<String> features = new ArrayList<>();

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description =
          "What is to be learnt (default: label; the last column of conll, upos of conllu).")
  @OptionRule(tasks = {TaskName.CLASSIFY, TaskName.TAG, TaskName.FORECAST, TaskName.RECOGNISE})
  String label;

  @Option(
      names = "--id",
      paramLabel = "COLUMN",
      description = "Names of the rows (default: the column id if there is one).")
  String id;

  @Option(
      names = "--on-bad-row",
      defaultValue = "fail",
      paramLabel = "ACTION",
      description =
          "What becomes of a row that cannot be used: fail ends the command and names its line,"
              + " skip leaves it out and counts it (default: ${DEFAULT-VALUE}).")
  OnBadRow onBadRow;

  RowsInput spec(List<String> paths) {
    return new RowsInput(paths, format, columns, header, onBadRow);
  }

  /**
   * The columns, for a task.
   *
   * @param labels what it takes from the label column
   * @param missing whether it can do with missing numbers
   */
  ColumnChoice choice(LabelKind labels, boolean missing) {
    return new ColumnChoice(text, features, label, id, labels, missing);
  }
}
